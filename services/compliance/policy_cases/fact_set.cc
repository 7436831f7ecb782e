#include "services/compliance/policy_cases/fact_set.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/resource/dates.h"
#include "google/protobuf/timestamp.pb.h"
#include "oversight/type/v1/annotations.pb.h"
#include "services/compliance/policy/record_schema.h"

namespace oversight::policy_cases {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using policy::Fault;

constexpr absl::string_view kAuthority = "authority";

const Descriptor* TypeOfName(absl::string_view name) {
  // A collection and an id, and so on.
  const std::vector<absl::string_view> segments = absl::StrSplit(name, '/');
  if (!name.empty() && (segments.size() % 2 != 0 || absl::c_linear_search(segments, ""))) return nullptr;
  const std::optional<engine::FactKind> kind = policy::KindOfName(name);
  if (!kind) return nullptr;
  return DescriptorPool::generated_pool()->FindMessageTypeByName(policy::RecordSchema().Of(*kind).type_name);
}

std::string PatternOf(const std::string& type_name) {
  const Descriptor* type = DescriptorPool::generated_pool()->FindMessageTypeByName(type_name);
  const std::string pattern =
      type == nullptr ? "" : type->options().GetExtension(type::v1::resource).pattern();
  return std::string(absl::StripPrefix(pattern, "authorities/{authority}/"));
}

// `KIND_` of KIND_FORMAL_ONE_TO_ONE.
std::string PrefixOf(const EnumDescriptor& type) {
  const std::string& zero = type.value(0)->name();
  return zero.substr(0, zero.size() - std::min(zero.size(), std::string("UNSPECIFIED").size()));
}

std::string ShortValue(const EnumDescriptor& type, int index) {
  return absl::AsciiStrToLower(absl::StripPrefix(type.value(index)->name(), PrefixOf(type)));
}

bool IsDate(const FieldDescriptor& field) { return field.message_type() == google::type::Date::descriptor(); }
bool IsInstant(const FieldDescriptor& field) {
  return field.message_type() == google::protobuf::Timestamp::descriptor();
}
// A list of dated periods, such as those for which a case was open.
bool IsPeriods(const FieldDescriptor& field) {
  return field.is_repeated() && field.message_type() != nullptr &&
         field.message_type()->FindFieldByName("start_date") != nullptr &&
         field.message_type()->FindFieldByName("end_date") != nullptr;
}
bool IsYesOrNo(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL && !field.is_repeated();
}

// The fields that a rule can ask about, and so a case can give.
std::vector<const FieldDescriptor*> FieldsOf(const Descriptor* type) {
  std::vector<const FieldDescriptor*> fields;
  for (const policy::FieldColumn& column : policy::ColumnsOf(type)->fields) fields.push_back(column.field);
  for (int i = 0; i < type->field_count(); ++i) {
    if (IsPeriods(*type->field(i))) fields.push_back(type->field(i));
  }
  return fields;
}

std::string Suggest(absl::string_view word, const std::vector<std::string>& candidates) {
  const absl::string_view closest = policy::Closest(word, candidates);
  return absl::StrCat(closest.empty() ? "" : absl::StrCat("did you mean `", closest, "`? "),
                      "expected one of: ", absl::StrJoin(candidates, ", "));
}

// The day that follows from an instant: `filed_date` from `filed_time`, a session's `date` from `start_time`.
const FieldDescriptor* DayOfInstant(const FieldDescriptor& instant) {
  absl::string_view stem = instant.name();
  if (!absl::ConsumeSuffix(&stem, "_time")) return nullptr;
  const Descriptor* type = instant.containing_type();
  const FieldDescriptor* day = type->FindFieldByName(absl::StrCat(stem, "_date"));
  if (day == nullptr && stem == "start") day = type->FindFieldByName("date");
  return day != nullptr && IsDate(*day) ? day : nullptr;
}

// `an Absence`.
std::string WithArticle(const std::string& type_name) {
  return absl::StrCat(absl::StrContains("AEIOU", type_name.substr(0, 1)) ? "an " : "a ", type_name);
}

struct Token {
  std::string text;
  size_t offset;
};

// Split at blanks that do not stand between single quotes. Nothing when a quote does not end.
std::optional<std::vector<Token>> Tokens(const std::string& line, size_t& open_quote) {
  std::vector<Token> tokens;
  bool quoted = false;
  bool in_token = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\'') {
      quoted = !quoted;
      open_quote = i;
    }
    if (!quoted && absl::ascii_isspace(line[i])) {
      in_token = false;
      continue;
    }
    if (!in_token) tokens.push_back({"", i});
    in_token = true;
    tokens.back().text += line[i];
  }
  if (quoted) return std::nullopt;
  return tokens;
}

}  // namespace

std::string CalledName(absl::string_view relative_name) {
  return std::string(relative_name.empty() ? kAuthority : relative_name);
}

std::string RelativeNameOf(absl::string_view called) {
  return std::string(called == kAuthority ? "" : called);
}

// One line while it is applied.
class FactSet::Line {
 public:
  Line(FactSet& set, const PlacedText& line, std::vector<Fault>& faults)
      : set_(set), line_(line), faults_(faults) {}

  void Apply() {
    size_t open_quote = 0;
    const auto tokens = Tokens(line_.text, open_quote);
    if (!tokens) return Add(open_quote, "this quote does not end: expected another `'`");
    if (tokens->empty()) return Add(0, "an empty fact: expected a name and its fields");
    absl::string_view called = tokens->front().text;
    const bool removes = absl::ConsumePrefix(&called, "-");
    const std::string name = RelativeNameOf(called);
    if (removes) return Remove(name, *tokens);
    const Descriptor* type = TypeOfName(name);
    if (type == nullptr) {
      return Add(tokens->front().offset,
                 absl::StrCat("`", called,
                              "` names no kind of resource: expected a name such as workers/anna, "
                              "cases/c1/placements/p1 or `authority`"));
    }
    fact_ = &set_.facts_[name];
    if (fact_->message == nullptr) {
      fact_->message.reset(google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
    }
    fact_->place = line_.PlaceOf(tokens->front().offset);
    for (size_t i = 1; i < tokens->size(); ++i) ApplyToken((*tokens)[i]);
    DeriveDays();
  }

 private:
  void Add(size_t offset, std::string message) {
    const Place place = line_.PlaceOf(offset);
    faults_.push_back({place.line, place.column, std::move(message)});
  }

  void Remove(const std::string& name, const std::vector<Token>& tokens) {
    if (tokens.size() > 1) Add(tokens[1].offset, "a fact is taken away as a whole: expected nothing more");
    if (!set_.Has(name)) {
      return Add(0, absl::StrCat("there is no `", CalledName(name), "` to take away"));
    }
    const std::string beneath = absl::StrCat(name, "/");
    std::erase_if(set_.facts_, [&](const auto& fact) {
      return fact.first == name || absl::StartsWith(fact.first, beneath);
    });
  }

  void ApplyToken(const Token& token) {
    const size_t equals = token.text.find('=');
    if (equals == std::string::npos && absl::StrContains(token.text, "..")) return ApplyPeriod(token);
    const std::string name = token.text.substr(0, equals);
    if (name == "like") return CopyFrom(token, token.text.substr(std::min(token.text.size(), equals + 1)));
    const FieldDescriptor* field = Find(name);
    if (field == nullptr) {
      std::vector<std::string> names;
      for (const FieldDescriptor* candidate : FieldsOf(fact_->message->GetDescriptor()))
        names.push_back(candidate->name());
      return Add(token.offset, absl::StrCat(WithArticle(fact_->message->GetDescriptor()->name()),
                                            " has no field `", name, "`: ", Suggest(name, names)));
    }
    if (equals == std::string::npos) {
      if (!IsYesOrNo(*field))
        return Add(token.offset, absl::StrCat("no value for `", name, "`: expected `", name, "=...`"));
      return Set(*field, "yes", token.offset);
    }
    Set(*field, token.text.substr(equals + 1), token.offset, equals + 1);
  }

  const FieldDescriptor* Find(const std::string& name) const {
    for (const FieldDescriptor* field : FieldsOf(fact_->message->GetDescriptor())) {
      if (field->name() == name) return field;
    }
    return nullptr;
  }

  void CopyFrom(const Token& token, const std::string& other) {
    const auto found = set_.facts_.find(RelativeNameOf(other));
    if (found == set_.facts_.end() || found->second.message == nullptr) {
      return Add(token.offset, absl::StrCat("there is no `", other, "`: expected a fact given above"));
    }
    if (found->second.message->GetDescriptor() != fact_->message->GetDescriptor()) {
      return Add(token.offset, absl::StrCat("`", other, "` is of another kind: expected ",
                                            WithArticle(fact_->message->GetDescriptor()->name())));
    }
    fact_->message->MergeFrom(*found->second.message);
    for (const auto& [field, place] : found->second.field_places) {
      fact_->field_places.emplace(field, line_.PlaceOf(token.offset));
    }
  }

  // `2024-01-15..` or `2024-01-15..2024-03-01`: the resource's own period.
  void ApplyPeriod(const Token& token) {
    const auto* start = Find("start_date");
    const auto* end = Find("end_date");
    if (start == nullptr || end == nullptr) {
      return Add(token.offset, absl::StrCat(WithArticle(fact_->message->GetDescriptor()->name()),
                                            " has no `start_date` and `end_date`: expected its own fields"));
    }
    const std::pair<std::string, std::string> ends = absl::StrSplit(token.text, absl::MaxSplits("..", 1));
    if (!ends.first.empty()) Set(*start, ends.first, token.offset);
    Set(*end, ends.second, token.offset, ends.first.size() + 2);
  }

  // `value_at`: where in the token the value begins.
  void Set(const FieldDescriptor& field, const std::string& value, size_t token, size_t value_at = 0) {
    Message& message = *fact_->message;
    message.GetReflection()->ClearField(&message, &field);
    fact_->field_places[field.name()] = line_.PlaceOf(token);
    cleared_or_set_.push_back(&field);
    if (value.empty()) return;
    if (!field.is_repeated()) return Put(field, value, token + value_at);
    size_t at = token + value_at;
    for (const absl::string_view one : absl::StrSplit(value, ';')) {
      Put(field, std::string(one), at);
      at += one.size() + 1;
    }
  }

  void Put(const FieldDescriptor& field, const std::string& value, size_t offset) {
    const std::string why = TryPut(field, value);
    if (!why.empty()) Add(offset, absl::StrCat("`", field.name(), "`: ", why));
  }

  // What is wrong with the value; empty when it was taken.
  std::string TryPut(const FieldDescriptor& field, const std::string& value) {
    Message& message = *fact_->message;
    const auto& r = *message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return PutMessage(field, value);
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string text;
        const std::string why = TextOf(field, value, text);
        if (!why.empty()) return why;
        field.is_repeated() ? r.AddString(&message, &field, text) : r.SetString(&message, &field, text);
        return "";
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const EnumDescriptor& type = *field.enum_type();
        for (int i = 1; i < type.value_count(); ++i) {
          if (ShortValue(type, i) != value) continue;
          field.is_repeated() ? r.AddEnum(&message, &field, type.value(i))
                              : r.SetEnum(&message, &field, type.value(i));
          return "";
        }
        std::vector<std::string> known;
        for (int i = 1; i < type.value_count(); ++i) known.push_back(ShortValue(type, i));
        return absl::StrCat("`", value, "` is unknown: ", Suggest(value, known));
      }
      case FieldDescriptor::CPPTYPE_BOOL: {
        if (value != "yes" && value != "no") return absl::StrCat("`", value, "`: expected yes or no");
        r.SetBool(&message, &field, value == "yes");
        return "";
      }
      default:
        return PutNumber(field, value);
    }
  }

  std::string PutNumber(const FieldDescriptor& field, const std::string& value) {
    Message& message = *fact_->message;
    const auto& r = *message.GetReflection();
    double number = 0;
    int32_t whole = 0;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_DOUBLE:
      case FieldDescriptor::CPPTYPE_FLOAT:
        if (!absl::SimpleAtod(value, &number)) return absl::StrCat("`", value, "`: expected a number");
        if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
          r.SetDouble(&message, &field, number);
        } else {
          r.SetFloat(&message, &field, static_cast<float>(number));
        }
        return "";
      default:
        break;
    }
    if (!absl::SimpleAtoi(value, &whole)) return absl::StrCat("`", value, "`: expected a whole number");
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        r.SetInt32(&message, &field, whole);
        return "";
      case FieldDescriptor::CPPTYPE_INT64:
        r.SetInt64(&message, &field, whole);
        return "";
      default:
        return "a case cannot give this field";
    }
  }

  std::string PutMessage(const FieldDescriptor& field, const std::string& value) {
    Message& message = *fact_->message;
    const auto& r = *message.GetReflection();
    if (IsPeriods(field)) return PutPeriod(field, value);
    if (IsInstant(field)) {
      absl::Time time;
      std::string why;
      if (!absl::ParseTime("%Y-%m-%dT%H:%M%Ez", value, &time, &why) &&
          !absl::ParseTime("%Y-%m-%dT%H:%M:%E*S%Ez", value, &time, &why)) {
        return absl::StrCat("`", value,
                            "`: expected an instant, 2024-02-29T09:30Z or 2024-06-30T09:30+01:00");
      }
      auto& timestamp = static_cast<google::protobuf::Timestamp&>(*r.MutableMessage(&message, &field));
      timestamp.set_seconds(absl::ToUnixSeconds(time));
      timestamp.set_nanos(
          static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(timestamp.seconds()))));
      return "";
    }
    const auto day = CivilDay::Parse(value);
    if (!day.ok()) return std::string(day.status().message());
    static_cast<google::type::Date&>(*r.MutableMessage(&message, &field)) = resource::ToDate(*day);
    return "";
  }

  std::string PutPeriod(const FieldDescriptor& field, const std::string& value) {
    const std::pair<std::string, std::string> ends = absl::StrSplit(value, absl::MaxSplits("..", 1));
    if (!absl::StrContains(value, ".."))
      return absl::StrCat("`", value, "`: expected 2024-01-15.. or 2024-01-15..2024-03-01");
    Message& period = *fact_->message->GetReflection()->AddMessage(fact_->message.get(), &field);
    for (const auto& [name, text] :
         {std::pair("start_date", ends.first), std::pair("end_date", ends.second)}) {
      if (text.empty()) continue;
      const auto day = CivilDay::Parse(text);
      if (!day.ok()) return std::string(day.status().message());
      static_cast<google::type::Date&>(*period.GetReflection()->MutableMessage(
          &period, field.message_type()->FindFieldByName(name))) = resource::ToDate(*day);
    }
    return "";
  }

  // A text without its quotes, a resource's name within the authority in full.
  static std::string TextOf(const FieldDescriptor& field, const std::string& value, std::string& text) {
    text = value;
    const std::string& reference = field.options().GetExtension(type::v1::rules).reference();
    if (reference.empty()) {
      text.erase(std::remove(text.begin(), text.end(), '\''), text.end());
      return "";
    }
    const std::string pattern = PatternOf(reference);
    const auto depth = std::count(pattern.begin(), pattern.end(), '/');
    if (depth == 1 && !absl::StrContains(value, "/"))
      text = absl::StrCat(pattern.substr(0, pattern.find('/') + 1), value);
    const Descriptor* type = TypeOfName(text);
    if (type == nullptr || type->full_name() != reference) {
      return absl::StrCat("`", value, "`: expected the name of a ",
                          reference.substr(reference.rfind('.') + 1), ", ", pattern);
    }
    return "";
  }

  // The services let the day of an instant follow from it.
  void DeriveDays() {
    Message& message = *fact_->message;
    const auto& r = *message.GetReflection();
    const auto given = [&](const FieldDescriptor* field) {
      return std::find(cleared_or_set_.begin(), cleared_or_set_.end(), field) != cleared_or_set_.end();
    };
    for (const FieldDescriptor* instant : FieldsOf(message.GetDescriptor())) {
      if (!IsInstant(*instant) || !r.HasField(message, instant)) continue;
      const FieldDescriptor* day = DayOfInstant(*instant);
      if (day == nullptr) continue;
      const auto& timestamp = static_cast<const google::protobuf::Timestamp&>(r.GetMessage(message, instant));
      const CivilDay falls_on = CivilDay::Of(absl::FromUnixSeconds(timestamp.seconds()));
      auto& date = static_cast<google::type::Date&>(*r.MutableMessage(&message, day));
      if (given(day) && resource::ToDay(date) != falls_on) {
        Add(0, absl::StrCat("`", day->name(), "` is not the day of `", instant->name(), "`, ",
                            falls_on.ToString(), ": expected the instant as well, or `", instant->name(),
                            "=` to clear it"));
      }
      date = resource::ToDate(falls_on);
    }
  }

  FactSet& set_;
  const PlacedText& line_;
  std::vector<Fault>& faults_;
  Fact* fact_ = nullptr;
  std::vector<const FieldDescriptor*> cleared_or_set_;
};

FactSet& FactSet::operator=(const FactSet& other) {
  if (this == &other) return *this;
  facts_.clear();
  for (const auto& [name, fact] : other.facts_) {
    Fact& copy = facts_[name];
    copy.message.reset(fact.message->New());
    copy.message->CopyFrom(*fact.message);
    copy.place = fact.place;
    copy.field_places = fact.field_places;
  }
  return *this;
}

void FactSet::Apply(const PlacedText& line, std::vector<Fault>& faults) { Line(*this, line, faults).Apply(); }

std::vector<std::string> FactSet::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, fact] : facts_) names.push_back(CalledName(name));
  return names;
}

void FactSet::CheckReferences(std::vector<Fault>& faults) const {
  const auto add = [&](Place place, absl::string_view name) {
    const std::vector<std::string> names = Names();
    const absl::string_view closest = policy::Closest(name, names);
    faults.push_back({place.line, place.column,
                      absl::StrCat("there is no `", name, "` among the facts",
                                   closest.empty() ? "" : absl::StrCat(": did you mean `", closest, "`?"))});
  };
  for (const auto& [name, fact] : facts_) {
    if (const size_t id = name.rfind('/'); id != std::string::npos) {
      const size_t collection = name.rfind('/', id - 1);
      if (collection != std::string::npos && !Has(name.substr(0, collection)))
        add(fact.place, name.substr(0, collection));
    }
    const Message& message = *fact.message;
    const auto& r = *message.GetReflection();
    for (const FieldDescriptor* field : FieldsOf(message.GetDescriptor())) {
      if (field->options().GetExtension(type::v1::rules).reference().empty()) continue;
      const auto place = fact.field_places.find(field->name());
      const Place at = place == fact.field_places.end() ? fact.place : place->second;
      if (field->is_repeated()) {
        for (int i = 0; i < r.FieldSize(message, field); ++i) {
          const std::string named = r.GetRepeatedString(message, field, i);
          if (!Has(named)) add(at, named);
        }
      } else if (r.HasField(message, field) && !Has(r.GetString(message, field))) {
        add(at, r.GetString(message, field));
      }
    }
  }
}

}  // namespace oversight::policy_cases
