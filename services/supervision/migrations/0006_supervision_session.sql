-- Sessions of an authority; parent is empty, supervisee and supervisor are whole resource names. session_state is the
-- number of Session.State.
CREATE TABLE supervision_session (
  authority VARBINARY(63) NOT NULL,
  parent VARBINARY(191) NOT NULL,
  id VARBINARY(63) NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  deleted BOOLEAN NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  supervisee VARBINARY(191) NOT NULL,
  supervisor VARBINARY(191) NOT NULL,
  session_date DATE NOT NULL,
  session_state SMALLINT NOT NULL,
  state MEDIUMBLOB NOT NULL,
  PRIMARY KEY (authority, parent, id),
  KEY supervision_session_by_supervisee (authority, supervisee, session_date),
  KEY supervision_session_by_supervisor (authority, supervisor, session_date)
) ENGINE=InnoDB;
