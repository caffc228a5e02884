#pragma once

#include "agent/consent/consent.hpp"
#include "agent/session/touch.hpp"

namespace vitrine::engine {

/// The words beside a kiosk's button for one's own consents, as the page shows them
/// (kiosk-ui/src/text): what the member provably read before they touched it. `kind` is one of
/// those with is_own_decision.
///
/// A page's text that changes without its digest here fails kiosk-ui/test/kiosk/notices.test.ts.
consent::Notice notice_of(session::TouchKind kind, Language language);

}  // namespace vitrine::engine
