// How rows of deliveries are read, for the files of daemon/store that do.
#pragma once

#include <array>
#include <string_view>

#include "daemon/store/deliveries.h"

namespace konekwa::store {

inline constexpr std::array<std::string_view, 4> kDeliveryStateWords = {"QUEUED", "RETRYING", "DELIVERED", "DEAD"};
inline std::string_view word_of(DeliveryState state) { return kDeliveryStateWords[static_cast<std::size_t>(state)]; }

// Word for word the conditions of the partial indices, or SQLite would not use them.
inline constexpr const char* kHoldsLane = "state IN ('QUEUED', 'RETRYING') AND attempts < 3";
inline constexpr const char* kMayGo = "state IN ('QUEUED', 'RETRYING') AND is_behind = 0";
inline constexpr const char* kHasFailed = "(state = 'DEAD' OR (state = 'RETRYING' AND attempts >= 3))";

// Of deliveries AS d, as delivery_from reads them.
inline constexpr const char* kDeliveryColumns =
    "d.position, d.id, d.event_id, d.session, d.event_type, d.target, d.url, d.lane, d.state, d.attempts,"
    " d.next_attempt_at, d.last_attempt_at, d.expires_at, d.http_status, d.error, d.created_at, d.replays,"
    " d.latency_ms, d.response";
inline constexpr int kDeliveryColumnCount = 19;
DeliveryRow delivery_from(const Row& row);

}  // namespace konekwa::store
