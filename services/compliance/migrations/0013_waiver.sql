-- What an authority has agreed not to hold somebody to, for a time.
CREATE TABLE waiver (
  authority VARBINARY(63) NOT NULL,
  parent VARBINARY(191) NOT NULL,
  id VARBINARY(63) NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  deleted BOOLEAN NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  state MEDIUMBLOB NOT NULL,
  subject VARBINARY(255) NULL,
  end_date DATE NULL,
  PRIMARY KEY (authority, parent, id)
) ENGINE=InnoDB;
