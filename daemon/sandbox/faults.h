// What the sandbox does wrong on purpose, switched on through the admin API. Counters count down to 0.
#pragma once

namespace konekwa::sandbox {

struct Faults {
  int drop_acks = 0;            // the next n messages of clients get no ack
  int cut_after_messages = 0;   // the n-th message from here is routed but not acked, and its connection is cut
  int duplicate_messages = 0;   // the next n messages to clients are sent twice
  int duplicate_receipts = 0;   // the next n receipts to clients are sent twice
  int late_receipts = 0;        // the next n receipts to clients come after the stanza that follows, or 2 s late
  int login_failure = 0;        // the next login gets <failure reason=N>
  int login_stream_error = 0;   // the next login gets <stream:error code=N>
  int fail_uploads = 0;         // the next n media uploads of clients are answered 500
  int refuse_uploads = 0;       // the next n media uploads of clients are answered 401
  int demand_passkey = 0;       // the next n scans of codes link nothing: the phone wants a passkey
  int media_delay = 0;          // milliseconds before each answer of the CDN; does not count down

  // Counts one event of a kind; true when the fault strikes it.
  static bool strikes(int& counter) { return counter > 0 && counter-- > 0; }
  // True when the counter has just reached its last event.
  static bool strikes_last(int& counter) { return counter > 0 && --counter == 0; }
};

}  // namespace konekwa::sandbox
