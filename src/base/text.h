#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace coreshed {

/// Whether `text` is well-formed UTF-8.
bool IsUtf8(std::string_view text);

/// Whether `text` holds a control character (C0, DEL, C1), which no id or name may.
bool HasControl(std::string_view utf8);

/// Unicode normalisation form C. `utf8` must be well-formed.
std::string ToNfc(std::string_view utf8);

/// `text` without white space (of ASCII) around it.
std::string_view TrimBlank(std::string_view text);

/// Lower case of letters, for searching without regard to case.
std::string FoldCase(std::string_view utf8);

/// `text` as one word of a command line, for messages that say what to type.
std::string ShellQuoted(std::string_view text);

/// A text's first bytes, no character cut in two.
std::string CutText(std::string text, size_t bytes_max);

/// "a, b, c" for a sentence; of more than `most` only the first so many, then "and 4960 more".
std::string Joined(const std::vector<std::string>& texts, size_t most,
                   const std::string& between = ", ");

}  // namespace coreshed
