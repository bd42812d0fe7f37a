// Catch2 is the slow header of every test.
#pragma once
#include "cmake/precompiled.h"
#include <catch2/catch.hpp>
