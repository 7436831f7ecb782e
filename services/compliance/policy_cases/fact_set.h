#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "services/compliance/policy/fault.h"

// Cases of a policy's rules: facts, days, and what is to be found on them. See
// protos/oversight/compliance/v1/policy_case.proto.
namespace oversight::policy_cases {

// Where in a text something stands: line and column from 1, columns in bytes.
struct Place {
  int line = 1;
  int column = 1;
};

// A piece of the contents of a quoted text, and where it stands.
struct PlacedText {
  std::string text;
  // Of each byte of the text.
  std::vector<Place> places;

  Place PlaceOf(size_t offset) const {
    if (places.empty()) return {};
    return places[offset < places.size() ? offset : places.size() - 1];
  }
};

// Resources by their names within the authority, as lines of a case file give them.
class FactSet {
 public:
  FactSet() = default;
  FactSet(const FactSet& other) { *this = other; }
  FactSet& operator=(const FactSet& other);
  FactSet(FactSet&&) = default;
  FactSet& operator=(FactSet&&) = default;

  struct Fact {
    std::unique_ptr<google::protobuf::Message> message;
    // Where it is named, and where each of its fields was given.
    Place place;
    std::map<std::string, Place> field_places;
  };

  // Applies one line: `NAME [like=NAME] [START..END] [FIELD=VALUE | FLAG]...`, or `-NAME`. A name that is
  // there keeps the fields that the line does not give. Adds what is wrong with it, and with its place, to
  // `faults`.
  //
  // VALUE: a day `2024-02-29`, an instant `2024-02-29T09:30Z`, a number, yes or no, an enum's value without
  // its prefix and in lower case, a resource's name (its id alone where nothing lies above it), text, in
  // single quotes where it has blanks; several with `;` between; nothing to clear the field. The day of an
  // instant follows from it.
  void Apply(const PlacedText& line, std::vector<policy::Fault>& faults);

  // Adds a fault for each resource that is named, or lies above one, and is not there.
  void CheckReferences(std::vector<policy::Fault>& faults) const;

  bool Has(absl::string_view name) const { return facts_.contains(std::string(name)); }
  // By name; the authority has an empty one.
  const std::map<std::string, Fact>& all() const { return facts_; }
  std::vector<std::string> Names() const;

 private:
  class Line;
  std::map<std::string, Fact> facts_;
};

// The name by which case files and people call a resource within its authority: `authority` for the empty
// one.
std::string CalledName(absl::string_view relative_name);
// The other way.
std::string RelativeNameOf(absl::string_view called);

}  // namespace oversight::policy_cases
