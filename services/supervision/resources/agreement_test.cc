#include "absl/strings/str_cat.h"
#include "common/resource/testing/fake_write_context.h"
#include "common/resource/testing/text.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "oversight/supervision/v1/supervision.pb.h"
#include "services/supervision/resources/agreement_verbs.h"
#include "services/supervision/resources/registry.h"

namespace oversight::supervision {
namespace {

using ::oversight::resource::testing::FakeWriteContext;
using ::oversight::resource::testing::FieldsOf;
using ::oversight::resource::testing::Parse;
using ::oversight::testing::IsOk;
using ::oversight::testing::StatusIs;
using ::testing::ElementsAre;

const char kName[] = "authorities/a/agreements/g1";
const char kToday[] = "{ year: 2026 month: 4 day: 1 }";
const char kTomorrow[] = "{ year: 2026 month: 4 day: 2 }";

auto IsIllegal() { return StatusIs(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION"); }

class AgreementResourceTest : public ::testing::Test {
 protected:
  absl::Status Write(const std::string& rest) {
    return context_.Write(kind_,
                          Parse<v1::Agreement>(absl::StrCat("name: '", kName,
                                                            "' supervisee: 'authorities/a/workers/w1' "
                                                            "supervisor: 'authorities/a/workers/w2' "
                                                            "start_date { year: 2026 month: 4 day: 1 } ",
                                                            rest)));
  }
  absl::Status Import(const std::string& rest) {
    context_.set_importing(true);
    const absl::Status status = Write(rest);
    context_.set_importing(false);
    return status;
  }
  template <typename Request>
  absl::Status Do(absl::Status (*verb)(const Request&, v1::Agreement&), const std::string& request) {
    v1::Agreement agreement = Stored();
    OVERSIGHT_RETURN_IF_ERROR(verb(Parse<Request>(request), agreement));
    context_.set_by_verb(true);
    const absl::Status status = context_.Write(kind_, agreement);
    context_.set_by_verb(false);
    return status;
  }
  absl::Status SignAs(const std::string& party, const std::string& day = kToday) {
    return Do(Sign, absl::StrCat("party: PARTY_", party, " signed_date ", day));
  }
  const v1::Agreement& Stored() { return context_.Get<v1::Agreement>(kind_, kName); }

  service::ServiceDefinition definition_ = Definition();
  const resource::Kind& kind_ = *definition_.kinds.FindByType("oversight.supervision.v1.Agreement");
  FakeWriteContext context_{CivilDay(2026, 4, 1)};
};

TEST_F(AgreementResourceTest, IsInForceOnceBothHaveSigned) {
  ASSERT_THAT(Write("agreed_days: 14"), IsOk());
  EXPECT_EQ(Stored().state(), v1::Agreement::STATE_DRAFT);
  ASSERT_THAT(SignAs("SUPERVISOR"), IsOk());
  EXPECT_EQ(Stored().state(), v1::Agreement::STATE_SIGNED_BY_SUPERVISOR);
  EXPECT_THAT(SignAs("SUPERVISOR"), IsIllegal());
  EXPECT_THAT(FieldsOf(SignAs("SUPERVISEE", kTomorrow)), ElementsAre("signed_date"));
  ASSERT_THAT(SignAs("SUPERVISEE"), IsOk());
  EXPECT_EQ(Stored().state(), v1::Agreement::STATE_IN_FORCE);
  EXPECT_THAT(FieldsOf(Do(End, "end_date { year: 2026 month: 3 day: 31 }")), ElementsAre("end_date"));
  ASSERT_THAT(Do(End, absl::StrCat("end_date ", kTomorrow)), IsOk());
  EXPECT_EQ(Stored().state(), v1::Agreement::STATE_ENDED);
  EXPECT_THAT(Do(End, absl::StrCat("end_date ", kTomorrow)), IsIllegal());
  EXPECT_THAT(SignAs("SUPERVISEE"), IsIllegal());
}

TEST_F(AgreementResourceTest, VerbsNameWhatTheyLack) {
  ASSERT_THAT(Write(""), IsOk());
  EXPECT_THAT(FieldsOf(Do(Sign, "")), ElementsAre("party", "signed_date"));
  EXPECT_THAT(FieldsOf(SignAs("SUPERVISEE", "{ year: 2026 month: 2 day: 30 }")), ElementsAre("signed_date"));
  EXPECT_THAT(FieldsOf(Do(End, "")), ElementsAre("end_date"));
}

TEST_F(AgreementResourceTest, WhatWasSignedIsNotRevised) {
  ASSERT_THAT(Write("agreed_days: 14"), IsOk());
  ASSERT_THAT(Write("agreed_days: 7"), IsOk()) << "nobody has signed";
  ASSERT_THAT(SignAs("SUPERVISEE"), IsOk());
  const std::string signed_on = absl::StrCat("supervisee_signed_date ", kToday);
  EXPECT_THAT(Write(signed_on + "agreed_days: 14"), IsIllegal());
  EXPECT_THAT(Write("agreed_days: 7"), IsIllegal()) << "takes the signature back";
  EXPECT_THAT(Write(signed_on + "agreed_days: 7 end_date { year: 2027 month: 4 day: 1 }"), IsOk());
  EXPECT_THAT(Import(signed_on + "agreed_days: 14"), IsOk()) << "a corrected extract";
}

TEST_F(AgreementResourceTest, ANewOneIsUnsignedUnlessImported) {
  EXPECT_THAT(Write(absl::StrCat("supervisee_signed_date ", kToday)), IsIllegal());
  EXPECT_THAT(Write("state: STATE_ENDED"), IsIllegal());
  EXPECT_THAT(Import(absl::StrCat("supervisee_signed_date ", kToday, " supervisor_signed_date ", kToday)),
              IsOk());
  EXPECT_EQ(Stored().state(), v1::Agreement::STATE_IN_FORCE);
  EXPECT_THAT(Import("state: STATE_ENDED"), IsOk());
  EXPECT_EQ(Stored().state(), v1::Agreement::STATE_ENDED);
}

}  // namespace
}  // namespace oversight::supervision
