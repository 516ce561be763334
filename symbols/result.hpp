// SPDX-License-Identifier: MIT
// Result<T>: a value or an Error, for everything that can fail. Nothing throws across a room.
// An Error names the act and the object ("co_qualname of code 0x7f10"); `os_error` is an errno or 0.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace corotrace {

// The closed set of reasons. cli/exit_code.hpp maps it to exit codes; nobody else does.
enum class Errc : std::uint8_t {
    gone,         // the process or thread ended under us: normal, never printed as an error
    denied,       // the kernel said no (EPERM, EACCES)
    unreadable,   // memory or a file that could not be read
    malformed,    // read, but not what it has to be
    not_found,    // searched completely, not there
    unsupported,  // known, and not handled
    timeout,
    io,
    usage,
    internal,  // a broken invariant of our own
};

struct Error {
    Errc code = Errc::internal;
    int os_error = 0;
    std::string what;

    // The same error with what the caller knows put in front: "reading the slot: co_name of ...".
    [[nodiscard]] Error in(std::string_view context) && {
        what = std::string(context) + ": " + what;
        return std::move(*this);
    }
};

template <typename T>
class [[nodiscard]] Result {
public:
    // Not explicit: functions return a plain T or Error.
    // NOLINTNEXTLINE(google-explicit-constructor)
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    // NOLINTNEXTLINE(google-explicit-constructor)
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }
    // Precondition of each: ok() was asked for.
    [[nodiscard]] T& value() & { return *std::get_if<0>(&state_); }
    [[nodiscard]] const T& value() const& { return *std::get_if<0>(&state_); }
    [[nodiscard]] T&& value() && { return std::move(*std::get_if<0>(&state_)); }
    [[nodiscard]] const Error& error() const& { return *std::get_if<1>(&state_); }
    [[nodiscard]] Error&& error() && { return std::move(*std::get_if<1>(&state_)); }
    [[nodiscard]] T value_or(T fallback) const { return ok() ? value() : std::move(fallback); }
    T& operator*() { return value(); }
    const T& operator*() const { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }
    [[nodiscard]] const Error& error() const& { return *std::get_if<1>(&state_); }
    [[nodiscard]] Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

private:
    std::variant<std::monostate, Error> state_;
};

using Status = Result<void>;

}  // namespace corotrace

// Passes an error up, else binds the value: CT_TRY(auto code, read_code(memory, address, layout));
// A Status has no value to bind: if (auto done = probe.restore(); !done) return done.error();
#define CT_TRY_CAT2(a, b) a##b
#define CT_TRY_CAT(a, b) CT_TRY_CAT2(a, b)
#define CT_TRY(declaration, ...) CT_TRY_NAMED(CT_TRY_CAT(ct_try_, __LINE__), declaration, __VA_ARGS__)
#define CT_TRY_NAMED(name, declaration, ...)        \
    auto name = (__VA_ARGS__);                      \
    if (!name.ok()) return std::move(name).error(); \
    declaration = std::move(name).value()
