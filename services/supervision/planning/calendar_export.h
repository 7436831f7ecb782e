#pragma once

#include "common/resource/standard_methods.h"
#include "common/rpc/methods.h"
#include "services/supervision/domain/calendar.h"
#include "services/supervision/planning/session_reader.h"
#include "services/supervision/resources/kinds.h"

namespace oversight::supervision {

// A session as a calendar shows it. Its UID is a hash of the session's name, the same for ever.
CalendarEvent EventOf(const StoredSession& stored);

// Registers ExportCalendar.
void RegisterCalendarExport(resource::StandardMethods& standard, rpc::Methods& methods);

}  // namespace oversight::supervision
