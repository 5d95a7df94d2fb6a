#include "cli/arguments.h"

#include <charconv>
#include <cstdlib>

#include "cli/failure.h"
#include "cli/text.h"

namespace coreshed::cli {

void EventArguments::AddTo(CLI::App* verb, const std::string& comment_help) {
  verb->add_option("--by", by, "Who does it (else CORESHED_USER, else your login name)")
      ->type_name("NAME");
  verb->add_option("-m,--comment", comment, comment_help)->type_name("TEXT");
  verb->add_option("--event-id", event_id,
                   "32 hex digits of your own: a repeated call with them is done once")
      ->type_name("HEX");
}

void EventArguments::Fill(EventOptions* options, Invocation& invocation) const {
  options->actor = ActorOr(by);
  options->comment = comment;
  options->event_id = event_id;
  options->stop = invocation.interrupts().token();
}

CLI::Validator UpTo(double most) {
  return CLI::Validator(
      [most](const std::string& text) -> std::string {
        char* end = nullptr;
        const double number = std::strtod(text.c_str(), &end);
        const bool is_number = end != text.c_str() && *end == '\0';
        if (is_number && number >= 0 && number <= most) return "";  // NaN is neither
        return "'" + text + "' is no number from 0 to " + Grouped(static_cast<int64_t>(most));
      },
      "");
}

int64_t ParseVersion(const std::string& text) {
  const char* begin = text.data() + (text.starts_with('v') ? 1 : 0);
  const char* end = text.data() + text.size();
  int64_t version = 0;
  const auto [stopped, error] = std::from_chars(begin, end, version);
  if (error == std::errc() && stopped == end && version > 0) return version;
  throw Failure(
      Error{ErrorKind::kInvalidArgument, "'" + text + "' is no version: write it as v3 or 3."});
}

std::string RefPart(const std::string& name) {
  std::string part;
  for (const char c : name) {
    if (c == '@') {
      part += "%40";
    } else if (c == '#') {
      part += "%23";
    } else if (c == '%') {
      part += "%25";
    } else {
      part += c;
    }
  }
  return part;
}

std::string RecordIdOf(const std::string& ref) {
  std::string id = ref.substr(0, ref.find_first_of("@#"));
  for (const std::string sign : {"@", "#", "%"}) {  // % last: what it gives is not read again
    const std::string code = RefPart(sign);
    for (auto at = id.find(code); at != id.npos; at = id.find(code, at + 1))
      id.replace(at, code.size(), sign);
  }
  return id;
}

std::map<std::string, std::string> ParsePairs(const std::vector<std::string>& texts,
                                              const std::string& what) {
  std::map<std::string, std::string> pairs;
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    if (equals == text.npos || equals == 0) {
      throw Failure(Error{ErrorKind::kInvalidArgument, "'" + text + "' is no " + what + "."});
    }
    const bool is_first = pairs.emplace(text.substr(0, equals), text.substr(equals + 1)).second;
    if (is_first) continue;
    throw Failure(Error{ErrorKind::kInvalidArgument,
                        "'" + text.substr(0, equals) + "' is given twice: which is meant?"});
  }
  return pairs;
}

}  // namespace coreshed::cli
