#include "agent/http/static_files.hpp"

#include <array>
#include <system_error>

namespace vitrine::http {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, std::string_view>, 19> kTypes{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".webp", "image/webp"},
    {".avif", "image/avif"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".mp4", "video/mp4"},
    {".webm", "video/webm"},
    {".wasm", "application/wasm"},
    {".txt", "text/plain; charset=utf-8"},
}};

bool is_hidden(const fs::path& name) {
    for (const fs::path& part : name) {
        if (part.native().starts_with('.')) return true;
    }
    return false;
}

std::string etag_of(const fs::directory_entry& entry) {
    std::error_code error;
    const auto time = entry.last_write_time(error).time_since_epoch().count();
    return '"' + std::to_string(entry.file_size(error)) + '-' + std::to_string(time) + '"';
}

bool takes_gzip(const Request& request) {
    const std::string_view accepted = request.header("accept-encoding").value_or("");
    const std::size_t found = accepted.find("gzip");
    if (found == std::string_view::npos) return false;
    const std::string_view rest = accepted.substr(found + 4, accepted.find(',', found) - found - 4);
    return rest.find("q=0") == std::string_view::npos ||
           rest.find("q=0.") != std::string_view::npos;
}

}  // namespace

std::string_view content_type_of(std::string_view name) {
    for (const auto& [ending, type] : kTypes) {
        if (name.ends_with(ending)) return type;
    }
    return "application/octet-stream";
}

Result<StaticFiles> StaticFiles::list(const fs::path& folder) {
    std::error_code error;
    fs::recursive_directory_iterator entry(folder, error);
    if (error) return not_found(folder.string() + ": " + error.message());
    StaticFiles files;
    for (; entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        const fs::path name = entry->path().lexically_relative(folder);
        if (is_hidden(name) || !entry->is_regular_file(error)) continue;
        if (files.files_.size() == kFilesMax) {
            return exhausted(folder.string() + ": more than " + std::to_string(kFilesMax) +
                             " files");
        }
        files.files_.emplace(name.generic_string(), File{entry->path(), {}, etag_of(*entry)});
    }
    if (error) return unavailable(folder.string() + ": " + error.message());
    for (auto& [name, file] : files.files_) {
        const auto packed = files.files_.find(name + ".gz");
        if (packed != files.files_.end()) file.gzip = packed->second.path;
    }
    return files;
}

Response StaticFiles::get(const Request& request, std::string_view name) const {
    const auto found = files_.find(std::string(name));
    if (found == files_.end()) return Response::error(vitrine::not_found("no such file"));
    const File& file = found->second;
    Response response;
    response.content_type = content_type_of(name);
    response.headers.emplace_back("ETag", file.etag);
    response.headers.emplace_back("Cache-Control", name.starts_with("assets/")
                                                       ? "public, max-age=31536000, immutable"
                                                       : "no-cache");
    if (!file.gzip.empty()) response.headers.emplace_back("Vary", "Accept-Encoding");
    if (request.header("if-none-match") == file.etag) {
        response.status = 304;
        return response;
    }
    const bool packed = !file.gzip.empty() && takes_gzip(request);
    if (packed) response.headers.emplace_back("Content-Encoding", "gzip");
    response.file = packed ? file.gzip : file.path;
    return response;
}

void StaticFiles::serve(Router& router, std::string_view prefix) const {
    const std::string inner(prefix.substr(1));
    router.add(Method::get, std::string(prefix) + "/{path*}",
               [this, inner](const Request& request) {
                   return get(request, inner + '/' + std::string(request.param("path")));
               });
}

}  // namespace vitrine::http
