-- Teams of an authority; parent is empty. parent_team is the whole resource name.
CREATE TABLE team (
  authority VARBINARY(63) NOT NULL,
  parent VARBINARY(191) NOT NULL,
  id VARBINARY(63) NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  deleted BOOLEAN NOT NULL,
  create_time DATETIME(6) NOT NULL,
  update_time DATETIME(6) NOT NULL,
  parent_team VARBINARY(191) NULL,
  state MEDIUMBLOB NOT NULL,
  PRIMARY KEY (authority, parent, id),
  KEY team_by_parent_team (authority, parent_team)
) ENGINE=InnoDB;
