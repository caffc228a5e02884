#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>

#include "agent/base/result.hpp"
#include "agent/http/message.hpp"
#include "agent/http/router.hpp"

namespace vitrine::http {

/// The files of one folder, listed once. A request can only name a file of the list, so there is no
/// way out of the folder. Hidden files are left out; at most `kFilesMax`.
///
/// Answers carry an ETag (from size and time) and honour If-None-Match. A file below `assets/` has
/// its content's hash in its name and may be kept for ever; any other is asked for again each time.
/// Where `name.gz` lies beside a file and the client takes gzip, it is sent instead.
class StaticFiles {
  public:
    static constexpr std::size_t kFilesMax = 8192;

    /// `not_found` where there is no such folder, `exhausted` where it has too many files.
    static Result<StaticFiles> list(const std::filesystem::path& folder);

    /// Answers with the file of this name, relative to the folder: 200, 304 or 404.
    Response get(const Request& request, std::string_view name) const;

    bool contains(std::string_view name) const { return files_.contains(std::string(name)); }
    std::size_t size() const { return files_.size(); }

    /// Serves everything below `prefix` ("/assets") from the folder's `prefix` part. This object
    /// must outlive the router.
    void serve(Router& router, std::string_view prefix) const;

  private:
    struct File {
        std::filesystem::path path;
        std::filesystem::path gzip;  ///< Empty where there is none.
        std::string etag;
    };
    std::unordered_map<std::string, File> files_;
};

/// By the name's ending; `application/octet-stream` where that is not known.
std::string_view content_type_of(std::string_view name);

}  // namespace vitrine::http
