// SPDX-License-Identifier: MIT
// Finding and its parts: what is told of a drop. Plain values, copies of everything, no process. Unknown is
// std::nullopt (null in JSON), never 0 or "". Strings come from the target and are hostile: valid UTF-8 is
// guaranteed (the readers replace the rest), printable is not; a report escapes them.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace corotrace {

// Lines of a file that follow each other.
struct SourceAround {
    int first = 1;                   // the number of the first of them
    std::vector<std::string> lines;  // with their indentation, without their ends; "" where one is empty or
                                     // too long to be kept
};

// One Python frame. Lists of frames are in traceback order: most recent call last.
struct Frame {
    std::string function;  // co_qualname from 3.11 on, else co_name
    std::string name;      // co_name, as traceback.extract_stack() shows it
    std::string file;
    std::optional<int> line;      // 1-based, as a traceback would show
    std::optional<int> end_line;  // from 3.11 on, as are the columns
    std::optional<int> col;       // 0-based UTF-8 byte column, as co_positions() gives it
    std::optional<int> end_col;
    std::optional<std::string> source;  // the text of `line` with its indentation, which columns count,
                                        // and without its end, where the file could be read
    // The lines around it, itself among them, where a report is made that shows them, and those beside the
    // line that a fix is for; else null, and in no
    // other report. Shared by the copies of a finding, which are many; never changed.
    std::shared_ptr<const SourceAround> around{};
};

struct NativeFrame {
    std::uint64_t address = 0;
    std::optional<std::string> function;  // null in stripped code
    std::optional<std::uint64_t> offset;  // bytes from the start of `function`
    std::optional<std::string> module;    // file, as the target sees it
    std::optional<std::string> file;      // source, where the module has debug information
    std::optional<int> line;
};

struct Argument {
    std::string name;                  // "*args" and "**kwargs" carry their stars
    std::optional<std::string> type;   // "int", "module.Class"; null if unreadable
    std::optional<std::string> value;  // preview; null when redacted or unreadable
    bool redacted = true;
};

enum class FindingKind : std::uint8_t {
    kCoroutine,
    kAsyncGenAsend,
    kAsyncGenAthrow,
    kAsyncGenAclose,
    kTaskDestroyedPending,
    kTaskExceptionNeverRetrieved,
    kFutureExceptionNeverRetrieved,
};

// Whether it is a task or future that was lost, and not a coroutine that was never awaited.
[[nodiscard]] constexpr bool is_lost_task(FindingKind kind) {
    return kind == FindingKind::kTaskDestroyedPending || kind == FindingKind::kTaskExceptionNeverRetrieved ||
           kind == FindingKind::kFutureExceptionNeverRetrieved;
}

struct CoroutineFacts {
    std::optional<std::string> name;
    std::optional<std::string> qualname;
    std::optional<std::string> type;  // "coroutine", "async_generator_asend", ...
    std::optional<std::string> file;
    std::optional<int> line;                         // first line of its code
    std::optional<std::vector<Argument>> arguments;  // null: not read; empty: it takes none
};

enum class CreationSource : std::uint8_t { kUnknown, kOrigin, kInferred };

struct CreatedFacts {
    CreationSource how = CreationSource::kUnknown;
    std::vector<Frame> frames;
    std::optional<std::string> test{};  // in which it was made; null: in none, or not known
};

// Why the last reference went. kUnknown is null in JSON.
enum class DropCause : std::uint8_t {
    kUnknown,
    kRefcount,
    kFrameEnd,
    kException,
    kCyclicGc,
    kShutdown,
    kThreadExit,
};

struct DroppedFacts {
    DropCause cause = DropCause::kUnknown;
    std::optional<std::string> collector;  // of kCyclicGc: the innermost frame called it, by this name
    std::optional<Frame> ended;  // recovered: the function whose end dropped it, no longer on the stack
    std::optional<std::vector<Frame>> frames;  // null: not seen; empty: no Python frame (interpreter exit)
    std::optional<std::vector<NativeFrame>> native;  // innermost first, as debuggers number them
};

// The line that Python's own warning named: the one that ran when the coroutine went away, which need not be
// at fault.
struct BlamedLine {
    std::string module;               // its name in sys.modules
    std::optional<std::string> file;  // __file__ of the module
    std::optional<int> line;          // null: no Python code ran
    std::optional<std::string> source;
};

// Which mistake it was, and what to do about it.
struct Mistake {
    std::string id;  // never changes its meaning
    std::string sentence;
    std::optional<std::string> fix{};     // code to paste: a statement in the user's own names, no words
    std::optional<std::string> advice{};  // words, which may name code
    std::optional<Frame> place{};         // to change, where that is neither of the drop: what returned it
                                          // without await, what registered the function, or that itself
};

// What the drop itself tells of its mistake, without where the coroutine was created: of this and of the
// creation that is known best a site's diagnosis is made. In no report.
struct SeenMistake {
    std::optional<Mistake> mistake;
    bool thrown_away = false;     // what called the function does not look at what it gave back
    bool by_parameter = false;    // a function had it from its caller: the line that created it says more
    bool shows_creation = false;  // the code at the drop proves which call made it
};

// What becomes of Python's own warning of the drop.
enum class WarningState : std::uint8_t {
    kShown,         // each time
    kDeduplicated,  // once for a line, or for a module; not again
    kErrorIgnored,  // raised as an error where nobody can catch it: printed as "Exception ignored in"
    kHidden,
};

struct WarningFacts {
    WarningState state = WarningState::kShown;
    std::optional<std::string> filter;   // that decided, as -W writes it; null: none, Python's default
    std::optional<std::string> handler;  // what the program has put in the place of warnings.showwarning
};

// A task or future that was lost. Finding::coroutine is what the task runs, without arguments.
struct LostTaskFacts {
    std::optional<std::string> type;             // "_asyncio.Task"
    std::optional<std::string> name;             // "Task-7"; null: not known, or not a task
    std::optional<std::vector<Frame>> awaiting;  // where a pending one waits; empty: it has not started
    bool closed = false;  // the collector had closed its coroutine: `awaiting` is the line that this ran last
    std::optional<std::string> exception;      // type of the one that nobody retrieved
    std::optional<std::vector<Frame>> raised;  // its traceback
};

// The event-loop task in whose step it happened.
struct TaskFacts {
    std::optional<std::string> name;  // "Task-7"
    CoroutineFacts coroutine;         // that it runs, without arguments
    CreatedFacts created;             // that coroutine, if the interpreter noted it
};

struct Finding {
    FindingKind kind = FindingKind::kCoroutine;
    std::chrono::system_clock::time_point time;
    pid_t pid = 0;
    std::optional<pid_t> tid;
    std::optional<std::string> thread_name;
    CoroutineFacts coroutine;
    CreatedFacts created;
    DroppedFacts dropped;
    std::optional<LostTaskFacts> lost_task;  // only of such a kind
    std::optional<BlamedLine> blamed;        // only where nothing but Python's own warning is known
    std::optional<Mistake> mistake;
    std::optional<SeenMistake> seen;         // null: not kept
    std::optional<WarningFacts> warning;     // null: not known
    std::optional<TaskFacts> task;           // null: in none, or not known
    std::optional<std::string> test;         // the current one, by pytest's or unittest's id
    std::string fingerprint;                 // 16 hex digits, the same over restarts of the same program
    std::optional<std::uint64_t> count = 1;  // drops at this site known so far; null: not counted
    bool first_at_site = true;               // false: a repetition, wanted by --every
    std::vector<std::string> notes;          // what could not be read, and why
};

// Where coroutines of a site were created, as far as that was seen.
struct Creators {
    std::vector<Frame> places;  // each once, by file, line and name; creators.hpp says which frames these are
    bool more = false;          // than found room
};

// A site at the end, and how many drops it had.
struct SiteCount {
    Finding first;                           // with what its best seen drop tells: best_evidence.hpp
    std::optional<std::uint64_t> count = 0;  // exact if `exact`, else an estimate; null: not counted
    std::uint64_t sampled = 0;               // drops that stopped and were read
    bool exact = true;
    std::uint64_t folded = 0;  // sites of this coroutine that were put together here, to bound memory
    Creators creators{};
};

}  // namespace corotrace
