#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/migrate/migrate.h"
#include "common/mysql/connection.h"
#include "common/resource/kind.h"
#include "common/resource/table.h"
#include "common/testing/private_mariadb.h"
#include "common/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "google/type/date.pb.h"

namespace oversight::resource::testing {

// Sets every field of a message that is no list: texts as long as a column must take, the last values of
// enums.
inline void FillLongest(Message& message) {
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const auto* field = message.GetDescriptor()->field(i);
    if (field->is_repeated()) continue;
    using Field = google::protobuf::FieldDescriptor;
    switch (field->cpp_type()) {
      case Field::CPPTYPE_STRING:
        // The longest resource name of two collections, authorities/{authority}/supervisorLinks/{id}.
        reflection->SetString(&message, field, std::string(160, 'x'));
        break;
      case Field::CPPTYPE_ENUM:
        reflection->SetEnumValue(&message, field,
                                 field->enum_type()->value(field->enum_type()->value_count() - 1)->number());
        break;
      case Field::CPPTYPE_MESSAGE:
        if (field->message_type() == google::type::Date::descriptor()) {
          auto& date = static_cast<google::type::Date&>(*reflection->MutableMessage(&message, field));
          date.set_year(9999);
          date.set_month(12);
          date.set_day(31);
        }
        break;
      default:
        break;
    }
  }
}

// Migrates an empty schema and expects that each kind's table takes the longest keys and values, gives them
// back, and keeps its index columns in step with the message, NULL included.
inline void ExpectSchemaFits(const Registry& kinds, const std::string& migrations_directory) {
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto migrations, migrate::LoadMigrations(migrations_directory));
  OVERSIGHT_ASSERT_OK_AND_ASSIGN(const auto connection,
                                 mysql::Connection::Open(oversight::testing::NewSchema()));
  OVERSIGHT_ASSERT_OK(migrate::Up(*connection, migrations));
  for (const auto& kind : kinds.kinds()) {
    SCOPED_TRACE(kind->short_name);
    const Table table(*kind);
    std::unique_ptr<Message> state(kind->prototype->New());
    FillLongest(*state);
    const Key key = {std::string(63, 'a'), absl::StrCat("supervisorLinks/", std::string(63, 'p')),
                     std::string(63, 'i')};
    StoredResource stored = {.key = key,
                             .version = 1,
                             .deleted = false,
                             .create_time = absl::FromUnixMicros(4733510400000001),
                             .update_time = absl::FromUnixMicros(4733510400000001),
                             .bytes = SerialiseState(*state)};
    const std::vector<Table::Write> writes = {{&stored, state.get()}};
    OVERSIGHT_ASSERT_OK(table.Insert(*connection, writes));
    EXPECT_THAT(table.Insert(*connection, writes),
                oversight::testing::StatusIs(absl::StatusCode::kAlreadyExists));
    int read = 0;
    const auto expect_same = [&](const StoredResource& row, bool columns_agree) {
      ++read;
      EXPECT_TRUE(columns_agree);
      EXPECT_EQ(row.key, stored.key);
      EXPECT_EQ(row.bytes, stored.bytes);
      EXPECT_EQ(row.create_time, stored.create_time);
      return absl::OkStatus();
    };
    OVERSIGHT_EXPECT_OK(table.ReadAndCheckPage(*connection, key.authority, Key{}, 10, expect_same));
    // Without an end.
    if (const auto* end = kind->prototype->GetDescriptor()->FindFieldByName("end_date")) {
      state->GetReflection()->ClearField(state.get(), end);
      stored.bytes = SerialiseState(*state);
      stored.version = 2;
      OVERSIGHT_EXPECT_OK(table.Replace(*connection, writes));
      OVERSIGHT_EXPECT_OK(table.ReadAndCheckPage(*connection, key.authority, Key{}, 10, expect_same));
      EXPECT_EQ(read, 2);
    } else {
      EXPECT_EQ(read, 1);
    }
  }
}

}  // namespace oversight::resource::testing
