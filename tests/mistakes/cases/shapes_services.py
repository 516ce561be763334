# SPDX-License-Identifier: MIT
"""Shapes of services and their layers: repositories, models, tools, caches, base classes."""
import asyncio
import dataclasses
import functools
import json

from . import case
from .common import Store, fetch, swallow


class Cached:
    """A decorator that is a class."""

    def __init__(self, function):
        self.function = function
        self.values = {}

    def __call__(self, key):
        if key not in self.values:
            self.values[key] = self.function(key)  # made
        return self.values[key]


def make_request(method):
    async def request(self, path):
        return {"method": method, "path": path}
    return request


class Client:
    """Its methods are made in a loop, and all bear one name."""

    def __getattr__(self, name):
        if name.startswith("list_"):
            return functools.partial(self.call, name)
        raise AttributeError(name)

    async def call(self, name, **options):
        return [name]


for _method in ("get", "post"):
    setattr(Client, _method, make_request(_method))


class Repository:
    def __init__(self, store):
        self.store = store

    async def find(self, key):
        return self.store.get(key)  # made


@case
async def none_and_then_an_item():
    # mistake: used_as_value
    # fix: user = await store.get("a")
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: name_of | -
    async def name_of(store):
        user = store.get("a")  # made
        if user is None:
            return None
        return user["name"]
    try:
        await name_of(Store())
    except TypeError:
        pass


@case
async def found_by_a_walrus():
    # mistake: used_as_value
    # fix: if (user := await store.get("a")) is None:
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: name_of | -
    async def name_of(store):
        if (user := store.get("a")) is None:  # made
            raise KeyError("a")
        return user["name"]
    try:
        await name_of(Store())
    except TypeError:
        pass


@case
async def user_of_a_repository():
    # mistake: used_as_value
    # fix: -
    # fix with origin: return await self.store.get(key)
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: name_of | Service.name_of | -
    class Service:
        def __init__(self, repository):
            self.repository = repository

        async def name_of(self, key):
            user = await self.repository.find(key)
            if not user:
                return None
            return user["name"]
    try:
        await Service(Repository(Store())).name_of("a")
    except TypeError:
        pass


@case
async def user_of_a_repository_to_json():
    # mistake: passed_to_function
    # fix: -
    # fix with origin: return await self.store.get(key)
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | dumps | default | JSONEncoder.default | -
    async def show(repository, key):
        user = await repository.find(key)
        return json.dumps({"user": user})
    try:
        await show(Repository(Store()), "a")
    except TypeError:
        pass


@case
async def reply_of_a_method_made_in_a_loop():
    # mistake: used_as_value
    # fix: return (await client.get("/users"))["path"]
    # cause: exception_unwinding | refcount | unknown
    # ended: load | -
    async def load(client):
        return client.get("/users")["path"]  # made
    try:
        await load(Client())
    except TypeError:
        pass


@case
async def post_by_a_method_made_in_a_loop():
    # mistake: result_discarded
    # fix: await client.post("/users")
    async def create(client):
        client.post("/users")  # made
    await create(Client())


@case
async def users_of_a_facade():
    # mistake: used_as_value
    # fix: for user in await client.list_users(active=True):
    # cause: exception_unwinding | refcount | unknown
    # ended: show | -
    async def show(client):
        for user in client.list_users(active=True):  # made
            str(user)
    try:
        await show(Client())
    except TypeError:
        pass


@case
async def item_of_a_cached_function():
    # mistake: used_as_value | kept_in_container | exception_before_await | kept_in_cycle | unknown
    # fix: return (await settings("a"))["debug"] | -
    # cause: exception_unwinding | refcount | frame_end | cyclic_gc | unknown
    # ended: debug | item_of_a_cached_function | -
    @Cached
    async def settings(name):
        return {"debug": True}

    async def debug():
        return settings("a")["debug"]
    try:
        await debug()
    except TypeError:
        pass


@case
async def password_of_a_model():
    # mistake: kept_in_container
    # cause: frame_end | refcount | unknown
    # ended: register | -
    @dataclasses.dataclass
    class User:
        name: str
        password: str = ""

    async def register(saved, name):
        user = User(name)
        user.password = fetch("hash")  # made
        saved[name] = user.name
        return user.name
    await register({}, "a")


@case
async def token_of_a_client():
    # a coroutine of a method holds the object, which holds it: the collector finds both
    # mistake: kept_in_cycle | kept_in_container | formatted
    # fix: - | self.token = await self.login()
    # cause: frame_end | refcount | cyclic_gc | unknown
    # ended: headers | load | -
    class Api:
        def __init__(self):
            self.token = None

        async def login(self):
            return "secret"

        def authenticate(self):
            if self.token is None:
                self.token = self.login()  # made

        def headers(self):
            self.authenticate()
            return {"Authorization": f"Bearer {self.token}"}

    async def load():
        api = Api()
        return api.headers()
    await load()


@case
async def observation_of_a_tool():
    # stanfordnlp/dspy#8284
    # mistake 3.8-3.10: kept_in_container | formatted | async_callback | unknown
    # mistake: kept_in_container | formatted | async_callback
    # fix: -
    # cause: frame_end | refcount | unknown
    # ended: forward | -
    def forward(tools, steps):
        trajectory = {}
        for index, (name, arguments) in enumerate(steps):
            try:
                trajectory[f"observation_{index}"] = tools[name](**arguments)  # made
            except Exception as error:
                trajectory[f"observation_{index}"] = f"error: {error}"
        return "\n".join(f"{key}: {value}" for key, value in trajectory.items())
    forward({"search": fetch}, [("search", {"value": "x"})])


@case
async def results_of_tools_to_json():
    # agno-agi/agno#2296
    # mistake: passed_to_function | async_callback
    # fix: -
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: respond | dumps | default | JSONEncoder.default | -
    def respond(functions, calls):
        results = []
        for name in calls:
            function = functions[name]
            results.append({"name": name, "content": function()})  # made
        return json.dumps(results)
    swallow(respond, {"search": fetch}, ["search"])


@case
async def completion_over_several_lines():
    # fabge/llm-azure#14
    # mistake: used_as_value
    # fix: response = await client.create(model="x", messages=[{"role": "user", "content": text}], stream=False,)
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: ask | -
    class Completions:
        async def create(self, model, messages, stream):
            return {"choices": []}

    async def ask(client, text):
        response = client.create(  # made
            model="x",
            messages=[{"role": "user", "content": text}],
            stream=False,
        )
        return response["choices"][0]
    try:
        await ask(Completions(), "hi")
    except TypeError:
        pass


@case
async def results_of_an_overridden_hook():
    # mistake: used_as_value | passed_to_function | kept_in_container
    # cause: exception_unwinding | frame_end | refcount | unknown
    # ended: run | Pipeline.run | -
    class Pipeline:
        def process(self, item):
            return item

        def run(self, items):
            results = []
            for item in items:
                results.append(self.process(item))  # made
            return sum(results)

    class Remote(Pipeline):
        async def process(self, item):
            return item
    swallow(Remote().run, [1])


@case
async def save_of_a_model_overridden_plainly():
    # mistake: result_discarded
    class Model:
        async def save(self, force=False):
            pass

    class Document(Model):
        def save(self, *args, **kwargs):
            super().save(*args, **kwargs)  # made
    Document().save(force=True)


class Ledger:
    """Its one helper is handed to a thread, and nowhere else."""

    async def load_balance(self):
        return {"total": 1}

    async def show_balance(self):
        loop = asyncio.get_running_loop()
        balance = await loop.run_in_executor(None, self.load_balance)
        return balance["total"]


@case
async def balance_of_a_thread():
    # mistake: given_to_executor
    # fix: -
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show_balance | Ledger.show_balance | -
    try:
        await Ledger().show_balance()
    except TypeError:
        pass


class Feed:
    def __init__(self):
        self.latest = None

    async def read_latest(self):
        return 1

    async def refresh(self):
        self.latest = self.read_latest()  # made


@case
async def attribute_of_the_same_object():
    # mistake: kept_in_cycle | kept_in_container
    # fix: self.latest = await self.read_latest()
    # fix with origin: self.latest = await self.read_latest()
    # cause: cyclic_gc | refcount | frame_end | unknown
    # ended: refresh | Feed.refresh | -
    await Feed().refresh()
