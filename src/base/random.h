#pragma once

#include <string>

namespace coreshed {

/// 32 lower-case hex digits from the system's random source: names of files, commit ids, salts.
std::string RandomHex32();

/// A random UUID (version 4) as 32 hex digits.
std::string RandomUuid4();

/// Uniform in [0, bound); for jitter only.
unsigned RandomBelow(unsigned bound);

}  // namespace coreshed
