#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace coreshed::sources {

/// Bytes of SAS transport files, made piece by piece.
class XptFile {
 public:
  struct Variable {
    std::string name;
    int width = 8;
    bool is_text = false;
    std::string label = {}, format = {};
    int format_width = 0;
    std::optional<uint32_t> place = {};  ///< that its description names; else where it stands
  };

  explicit XptFile(int version = 5) : v8_(version == 8) {
    Header(v8_ ? "LIBV8" : "LIBRARY", std::string(30, '0'));
    Record("SAS     SAS     SASLIB  9.4");
    Record("27JAN26:10:00:00");
  }

  /// The headers of a data set; its rows follow. `stated`: how many rows they say there are.
  void Begin(const std::string& name, const std::vector<Variable>& variables,
             const std::string& label = "", const std::string& stated = std::string(15, '0')) {
    Fill();
    Header(v8_ ? "MEMBV8" : "MEMBER", "000000000000000001600000000140");
    Header(v8_ ? "DSCPTV8" : "DSCRPTR", std::string(30, '0'));
    Record("SAS     " + Padded(name, v8_ ? 32 : 8) + "SASDATA 9.4");
    Record(std::string(32, ' ') + label);
    std::string count = std::to_string(variables.size());
    count.insert(0, 10 - count.size(), '0');
    Header(v8_ ? "NAMSTV8" : "NAMESTR", count + std::string(20, '0'));
    uint32_t position = 0;
    for (const auto& variable : variables)
      Describe(variable, &position);
    Fill();
    Header(v8_ ? "OBSV8" : "OBS", stated + std::string(15, '0'));
  }

  void Number(double value, int width = 8) {
    bytes += Ibm(value).substr(0, static_cast<size_t>(width));
  }
  void Missing(char letter = '.') {
    bytes.push_back(letter);
    bytes.append(7, '\0');
  }
  void Text(const std::string& text, size_t width) { bytes += Padded(text, width); }
  /// Blanks to the end of a record.
  void Fill() { bytes.append((80 - bytes.size() % 80) % 80, ' '); }
  std::string Finish() {
    Fill();
    return bytes;
  }

  /// A double in base 16, which holds all of them that are neither too large nor too small.
  static std::string Ibm(double value) {
    std::string text(8, '\0');
    if (value == 0) {
      if (std::signbit(value)) text[0] = '\x80';
      return text;
    }
    int exponent = 0;
    double fraction = std::frexp(std::abs(value), &exponent);
    while (exponent % 4 != 0) {
      fraction /= 2;
      ++exponent;
    }
    auto bits = static_cast<uint64_t>(std::ldexp(fraction, 56));
    for (size_t i = 7; i > 0; --i, bits >>= 8)
      text[i] = static_cast<char>(bits & 0xFF);
    text[0] = static_cast<char>((value < 0 ? 0x80 : 0) | (exponent / 4 + 64));
    return text;
  }

  std::string bytes;

 private:
  static std::string Padded(const std::string& text, size_t size) {
    std::string padded(size, ' ');
    text.copy(padded.data(), size);
    return padded;
  }
  static std::string Big(uint32_t number, int size) {
    std::string text;
    for (int i = size - 1; i >= 0; --i)
      text += static_cast<char>(number >> (8 * i) & 0xFF);
    return text;
  }
  void Record(const std::string& text) { bytes += Padded(text, 80); }
  void Header(const std::string& name, const std::string& digits) {
    Record("HEADER RECORD*******" + Padded(name, 8) + "HEADER RECORD!!!!!!!" + digits);
  }
  void Describe(const Variable& variable, uint32_t* position) {
    bytes += Big(variable.is_text ? 2 : 1, 2) + Big(0, 2) +
             Big(static_cast<uint32_t>(variable.width), 2) + Big(0, 2);
    bytes += Padded(variable.name, 8) + Padded(variable.label, 40) + Padded(variable.format, 8);
    bytes += Big(static_cast<uint32_t>(variable.format_width), 2) + std::string(6, '\0') +
             Padded("", 8) + std::string(4, '\0');
    bytes += Big(variable.place.value_or(*position), 4);
    bytes += v8_ ? Padded(variable.name, 32) + std::string(20, '\0') : std::string(52, '\0');
    *position += static_cast<uint32_t>(variable.width);
  }

  const bool v8_;
};

}  // namespace coreshed::sources
