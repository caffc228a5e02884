#include "sync/central/kept_catalogue.hpp"

#include "sync/wire/catalogue_json.hpp"

namespace vitrine::central {

Result<profiles::Catalogue> kept_catalogue(sql::Connection& connection) {
    auto kept = TRY(connection.prepare("SELECT value FROM settings WHERE key = 'catalogue'"));
    kept.bind();
    if (!TRY(kept.step())) return profiles::Catalogue{};
    return wire::decode_catalogue(text_of(kept.blob(0))).within("kept catalogue");
}

}  // namespace vitrine::central
