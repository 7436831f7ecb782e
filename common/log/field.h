#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/time/civil_day.h"

namespace oversight::log {

// What happened, as a constant of the program: what varies belongs in fields, where it can be searched and
// where personal data is not quoted by accident. Anything else does not compile.
class Message {
 public:
  consteval Message(const char* text) : text_(text) {}  // NOLINT: literals are messages
  absl::string_view text() const { return text_; }

 private:
  const char* text_;
};

// A field's name: a literal in snake_case other than time, severity, service and message.
class Key {
 public:
  consteval Key(const char* name) : name_(name) {  // NOLINT: literals are keys
    for (const char* c = name; *c != '\0' || c == name; ++c) {
      if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_'))
        throw "a key is in snake_case";
    }
    if (Is("time") || Is("severity") || Is("service") || Is("message")) throw "the key is taken";
  }
  absl::string_view name() const { return name_; }

 private:
  consteval bool Is(const char* other) const {
    const char* c = name_;
    while (*c != '\0' && *c == *other) ++c, ++other;
    return *c == *other;
  }
  const char* name_;
};

// A resource name (`authorities/{a}/workers/{w}`): personal data, so that only its keyed hash is written. The
// only way to log one.
struct Hashed {
  explicit Hashed(absl::string_view resource_name) : name(resource_name) {}
  absl::string_view name;
};

// One typed field of an event. Refers to its value, which must live until the call of the logger returns.
class Field {
 public:
  using Value = std::variant<bool, int64_t, uint64_t, double, absl::string_view, absl::Time, CivilDay, Hashed,
                             const absl::Status*>;

  Field(Key key, std::same_as<bool> auto value) : key_(key), value_(value) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Field(Key key, T value) : key_(key) {
    if constexpr (std::signed_integral<T>) {
      value_ = static_cast<int64_t>(value);
    } else {
      value_ = static_cast<uint64_t>(value);
    }
  }
  Field(Key key, double value) : key_(key), value_(value) {}
  Field(Key key, const char* text) : key_(key), value_(absl::string_view(text)) {}
  Field(Key key, absl::string_view text) : key_(key), value_(text) {}
  Field(Key key, const std::string& text) : key_(key), value_(absl::string_view(text)) {}
  // In seconds: end such keys in `_seconds`.
  Field(Key key, absl::Duration duration) : key_(key), value_(absl::ToDoubleSeconds(duration)) {}
  Field(Key key, absl::Time time) : key_(key), value_(time) {}
  Field(Key key, CivilDay day) : key_(key), value_(day) {}
  Field(Key key, Hashed name) : key_(key), value_(name) {}
  // The code's name and the message.
  Field(Key key, const absl::Status& status) : key_(key), value_(&status) {}

  absl::string_view key() const { return key_.name(); }
  const Value& value() const { return value_; }

 private:
  Key key_;
  Value value_;
};

}  // namespace oversight::log
