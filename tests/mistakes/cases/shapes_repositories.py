# SPDX-License-Identifier: MIT
"""Shapes of repositories and what services do with their results: guards, conditions, loops, replies."""
import json

from . import case


class Conflict(Exception):
    pass


class Users:
    """A repository, all of whose methods are async."""

    def __init__(self, rows=()):
        self.rows = {row["id"]: row for row in rows}

    async def get_user(self, user_id):
        return self.rows.get(user_id)

    async def count_users(self):
        return len(self.rows)

    async def create_user(self, user_id):
        self.rows[user_id] = {"id": user_id}
        return self.rows[user_id]

    async def all_users(self):
        return list(self.rows.values())


@case
async def user_exists_already():
    # finanze/finanze#75
    # mistake: tested_for_truth
    # fix: existing = await users.get_user(user_id)
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: register | -
    async def register(users, user_id):
        existing = users.get_user(user_id)  # made
        if existing:
            raise Conflict(user_id)
        return await users.create_user(user_id)
    try:
        await register(Users(), 1)
    except Conflict:
        pass


@case
async def user_exists_in_a_condition():
    # mistake: tested_for_truth
    # fix: if await users.get_user(user_id):
    # cause: exception_unwinding | refcount | unknown
    # ended: register | -
    async def register(users, user_id):
        if users.get_user(user_id):  # made
            raise Conflict(user_id)
        return await users.create_user(user_id)
    try:
        await register(Users(), 1)
    except Conflict:
        pass


@case
async def limit_that_is_compared():
    # mistake: used_as_value | compared
    # fix: if await users.count_users() >= limit:
    # cause: exception_unwinding | refcount | unknown
    # ended: register | -
    async def register(users, limit):
        if users.count_users() >= limit:  # made
            raise Conflict(limit)
        return await users.create_user(limit)
    try:
        await register(Users(), 1)
    except TypeError:
        pass


@case
async def owner_that_differs():
    # mistake: compared
    # fix: owner = await users.get_user(user_id)
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: remove | -
    async def remove(users, user_id, current):
        owner = users.get_user(user_id)  # made
        if owner != current:
            raise PermissionError("not yours")
        return await users.create_user(user_id)
    try:
        await remove(Users(), 1, None)
    except PermissionError:
        pass


@case
async def error_before_the_second_await():
    # what is compared is not the coroutine
    # mistake: exception_before_await
    # fix: -
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: transfer | -
    async def transfer(users, amount):
        saving = users.create_user(2)  # made
        if amount < 0:
            raise ValueError("negative")
        return await saving
    try:
        await transfer(Users(), -1)
    except ValueError:
        pass


@case
async def user_model_of_an_optional_library():
    # ianustec/openwebui-generate-slides#7
    # mistake: used_as_value
    # fix: model = await users.get_user(user["id"]) if users is not None else None
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: generate | -
    async def generate(users, user):
        model = users.get_user(user["id"]) if users is not None else None  # made
        return {"role": model.role}
    try:
        await generate(Users(), {"id": 1})
    except AttributeError:
        pass


@case
async def users_sorted_by_name():
    # mistake: used_as_value
    # fix: rows = await users.all_users()
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | -
    async def show(users):
        rows = users.all_users()  # made
        rows.sort(key=lambda row: row["id"])
        return rows
    try:
        await show(Users())
    except AttributeError:
        pass


@case
async def rows_of_a_loop_over_a_variable():
    # mistake: used_as_value
    # fix: rows = await users.all_users()
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | -
    async def show(users):
        names = []
        rows = users.all_users()  # made
        for row in rows:
            names.append(row["id"])
        return names
    try:
        await show(Users())
    except TypeError:
        pass


@case
async def user_of_each_id():
    # mistake: used_as_value
    # fix: user = await users.get_user(user_id)
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | -
    async def show(users, ids):
        found = {}
        for user_id in ids:
            user = users.get_user(user_id)  # made
            found[user_id] = user["id"]
        return found
    try:
        await show(Users(), [1])
    except TypeError:
        pass


@case
async def users_collected_and_shown():
    # what raised in the comprehension is not known up to 3.11, nor on all builds of 3.13
    # mistake 3.8-3.13: used_as_value | exception_before_await
    # mistake: used_as_value
    # fix 3.8-3.13: found.append(await users.get_user(user_id)) | -
    # fix: found.append(await users.get_user(user_id))
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | <listcomp> | -
    async def show(users, ids):
        found = []
        for user_id in ids:
            found.append(users.get_user(user_id))  # made
        return [user["id"] for user in found]
    try:
        await show(Users(), [1])
    except TypeError:
        pass


@case
async def reply_of_a_helper_to_json():
    # mistake: passed_to_function
    # fix: return json.dumps(await current_user(users)) | return json.dumps(current_user(users))
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | dumps | default | JSONEncoder.default | -
    def current_user(users):
        return users.get_user(1)  # made

    async def show(users):
        return json.dumps(current_user(users))
    try:
        await show(Users())
    except TypeError:
        pass


@case
async def reply_by_keyword_of_a_response():
    # mistake: passed_to_function
    # fix: return reply(200, body={"users": await users.count_users()})
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: show | reply | dumps | default | JSONEncoder.default | -
    def reply(status, body):
        return status, json.dumps(body)

    async def show(users):
        return reply(200, body={"users": users.count_users()})  # made
    try:
        await show(Users())
    except TypeError:
        pass


@case
async def job_that_is_optional():
    # what is compared is meant to be a coroutine
    # mistake: exception_before_await
    # fix: -
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: save | -
    async def save(users, notify, limit):
        job = users.create_user(1) if notify else None  # made
        if job is not None:
            limit -= 1
        if limit < 0:
            raise ValueError("limit")
        if job is not None:
            await job
    try:
        await save(Users(), True, 0)
    except ValueError:
        pass


@case
async def jobs_run_by_a_helper_that_fails():
    # what is gone over is meant to hold coroutines
    # mistake: exception_before_await | kept_in_container
    # fix: -
    # cause: exception_unwinding | refcount | frame_end | unknown
    # ended: run_all | <listcomp> | start | -
    def start(job, limit):
        if not limit:
            raise ValueError("limit")
        return job

    async def run_all(users, limit):
        jobs = []
        for number in range(1):
            jobs.append(users.create_user(number))  # made
        return [start(job, limit) for job in jobs]
    try:
        await run_all(Users(), 0)
    except ValueError:
        pass


class Draft:
    def __init__(self):
        self.saving = None

    async def finish(self):
        return await self.saving


@case
async def attribute_that_is_awaited_elsewhere():
    # mistake 3.8-3.10: kept_in_container | unknown
    # mistake: kept_in_container
    # fix: -
    # cause: frame_end | refcount | unknown
    # ended: write | -
    async def write(users, wait):
        draft = Draft()
        draft.saving = users.create_user(1)  # made
        if wait:
            return await draft.finish()
        return None
    await write(Users(), False)
