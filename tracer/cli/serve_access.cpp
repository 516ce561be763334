// SPDX-License-Identifier: MIT
#include "tracer/cli/serve_access.hpp"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <system_error>
#include <tuple>
#include <utility>

#include "symbols/escape.hpp"
#include "tracer/cli/usage_error.hpp"
#include "tracer/http/bearer_token.hpp"
#include "tracer/process/text_file.hpp"

namespace corotrace::cli {
namespace {

// A file, and how it looked when it was last asked for.
class WatchedFile {
public:
    explicit WatchedFile(std::string path) : path_(std::move(path)) { static_cast<void>(has_changed()); }

    [[nodiscard]] const std::string& path() const { return path_; }
    // Since it was asked last. To be asked before the file is read, so that no change is missed.
    [[nodiscard]] bool has_changed() {
        struct stat now {};
        Look look;
        if (::stat(path_.c_str(), &now) == 0)
            look = {now.st_dev, now.st_ino, now.st_size, now.st_mtim.tv_sec, now.st_mtim.tv_nsec};
        return std::exchange(look_, look) != look;
    }

private:
    using Look = std::tuple<dev_t, ino_t, off_t, time_t, long>;
    std::string path_;
    Look look_;  // of a file that is not there: zeros
};

Result<BearerToken> read_token(const std::string& path) {
    auto text = read_text_file(path, BearerToken::kMostBytes + 100);
    if (!text)
        return make_usage("--token-file: '" + path +
                          "' cannot be read: " + std::generic_category().message(text.error().os_error));
    auto token = BearerToken::parse(*text);
    if (!token) return make_usage("--token-file: " + path + ": " + token.error().what);
    return token;
}

class TokenGate {
public:
    static Result<TokenGate> open(const std::string& path) {
        WatchedFile file(path);
        CT_TRY(BearerToken token, read_token(path));
        return TokenGate(std::move(file), std::move(token));
    }
    [[nodiscard]] bool admits(std::string_view path, std::string_view authorization) {
        if (is_for_probes(path)) return true;
        if (file_.has_changed()) read_again();
        return token_ && token_->matches(authorization);
    }

private:
    TokenGate(WatchedFile file, BearerToken token) : file_(std::move(file)), token_(std::move(token)) {}

    void read_again() {
        auto token = read_token(file_.path());
        if (token) {
            token_ = std::move(token).value();
            spdlog::info("read the token of {} again", printable(file_.path()));
        } else {
            token_.reset();
            spdlog::error("nobody is let in until this is mended: {}", printable(token.error().what));
        }
    }

    WatchedFile file_;
    std::optional<BearerToken> token_;
};

class IdentityKeeper {
public:
    static Result<IdentityKeeper> open(const TlsFiles& files) {
        WatchedFile certificate(files.certificate);
        WatchedFile key(files.key);
        auto identity = TlsIdentity::load(files);
        if (!identity) return std::move(identity).error().in("--tls-certificate");
        return IdentityKeeper(std::move(certificate), std::move(key), std::move(identity).value());
    }
    [[nodiscard]] TlsIdentity identity() {
        const bool certificate_changed = certificate_.has_changed();
        if (key_.has_changed() || certificate_changed) read_again();
        return identity_;
    }

private:
    IdentityKeeper(WatchedFile certificate, WatchedFile key, TlsIdentity identity)
        : certificate_(std::move(certificate)), key_(std::move(key)), identity_(std::move(identity)) {}

    void read_again() {
        auto identity = TlsIdentity::load({certificate_.path(), key_.path()});
        if (identity) {
            identity_ = std::move(identity).value();
            spdlog::info("read the certificate {} again", printable(certificate_.path()));
        } else {
            // One of the two files is often there before the other.
            spdlog::warn("keeps the certificate that it had: {}", printable(identity.error().what));
        }
    }

    WatchedFile certificate_;
    WatchedFile key_;
    TlsIdentity identity_;
};

}  // namespace

bool is_for_probes(std::string_view path) {
    return path == "/-/healthy" || path == "/-/ready";
}

Result<HttpAccess> open_access(const AccessFiles& files) {
    HttpAccess access;
    // Functions are copied; these have one owner each.
    if (!files.token.empty()) {
        CT_TRY(TokenGate gate, TokenGate::open(files.token));
        access.admits = [gate = std::make_shared<TokenGate>(std::move(gate))](auto path, auto authorization) {
            return gate->admits(path, authorization);
        };
    }
    if (files.tls) {
        CT_TRY(IdentityKeeper keeper, IdentityKeeper::open(*files.tls));
        access.identity = [keeper = std::make_shared<IdentityKeeper>(std::move(
                               keeper))]() -> std::optional<TlsIdentity> { return keeper->identity(); };
    }
    return access;
}

}  // namespace corotrace::cli
