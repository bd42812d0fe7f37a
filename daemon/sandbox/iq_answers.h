// Answers to <iq>s: one table by xmlns, type and first child. What is not in it gets error 501.
#pragma once

#include "daemon/wa/node.h"

namespace konekwa::sandbox {

struct Network;
class Companion;

void answer_iq(Network& network, Companion& client, const wa::Node& iq);

}  // namespace konekwa::sandbox
