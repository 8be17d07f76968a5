PRAGMA application_id = 1651732067;
PRAGMA user_version = 6;
BEGIN TRANSACTION;
CREATE TABLE apart (one TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (one, other));
INSERT INTO "apart" VALUES('ACC-BTN-2026-00001','ACC-BTN-2026-00002');
CREATE TABLE bank ("name" TEXT PRIMARY KEY, "creation" TEXT, "modified" TEXT, "bank_name" TEXT NOT NULL DEFAULT '', "website" TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "bank" VALUES('Banque du Port',NULL,NULL,'Banque du Port','');
CREATE TABLE bank_account ("name" TEXT PRIMARY KEY, "creation" TEXT, "modified" TEXT, "account_name" TEXT NOT NULL DEFAULT '', "bank" TEXT REFERENCES bank (name), "iban" TEXT NOT NULL DEFAULT '', "currency" TEXT NOT NULL DEFAULT '', "opening_balance" INTEGER, "opening_date" TEXT, "lock_date" TEXT) STRICT;
INSERT INTO "bank_account" VALUES('Current',NULL,NULL,'Current','Banque du Port','FR7699999000010000000001764','EUR',NULL,NULL,NULL);
CREATE TABLE bank_transaction ("name" TEXT PRIMARY KEY, "creation" TEXT, "modified" TEXT, "date" TEXT, "bank_account" TEXT REFERENCES bank_account (name), "deposit" INTEGER, "withdrawal" INTEGER, "currency" TEXT NOT NULL DEFAULT '', "description" TEXT NOT NULL DEFAULT '', "category" TEXT REFERENCES bank_transaction_category (name) ON DELETE SET NULL, "transaction_id" TEXT NOT NULL DEFAULT '', "origin" TEXT NOT NULL DEFAULT '', "reference_number" TEXT NOT NULL DEFAULT '', "transaction_type" TEXT NOT NULL DEFAULT '', "bank_party_name" TEXT NOT NULL DEFAULT '', "bank_party_iban" TEXT NOT NULL DEFAULT '', "status" TEXT NOT NULL DEFAULT '', "allocated_amount" INTEGER, "unallocated_amount" INTEGER, "amount" INTEGER GENERATED ALWAYS AS (deposit - withdrawal) VIRTUAL) STRICT;
INSERT INTO "bank_transaction" VALUES('ACC-BTN-2026-00001','2026-11-20T09:30:00+00:00','2026-11-20T09:30:00+00:00','2026-11-19','Current',0,32000,'EUR','Cafe','CAT-00002','1','SYNC-ACC-000001/1','','','','','Unreconciled',0,32000);
INSERT INTO "bank_transaction" VALUES('ACC-BTN-2026-00004','2026-11-20T09:30:00+00:00','2026-11-20T10:30:00+00:00','2026-11-19','Current',0,75000,'EUR','Cafe','CAT-00002','4','SYNC-ACC-000001/4','','','','','Unreconciled',0,75000);
INSERT INTO "bank_transaction" VALUES('ACC-BTN-2026-00002','2026-11-20T09:30:00+00:00','2026-11-20T09:30:00+00:00','2026-11-19','Current',0,32000,'EUR','Cafe','CAT-00002','2','SYNC-ACC-000001/2','','','','','Unreconciled',0,32000);
CREATE TABLE bank_transaction_category ("name" TEXT PRIMARY KEY, "creation" TEXT, "modified" TEXT, "category_name" TEXT NOT NULL DEFAULT '', "parent_bank_transaction_category" TEXT REFERENCES bank_transaction_category (name), "is_group" INTEGER NOT NULL DEFAULT 0, "provider_type" TEXT NOT NULL DEFAULT '', "remote_id" TEXT NOT NULL DEFAULT '', "edited" INTEGER NOT NULL DEFAULT 0, "removed" INTEGER NOT NULL DEFAULT 0, "lft" INTEGER NOT NULL DEFAULT 0, "rgt" INTEGER NOT NULL DEFAULT 0, "old_parent" TEXT REFERENCES bank_transaction_category (name)) STRICT;
INSERT INTO "bank_transaction_category" VALUES('CAT-00001',NULL,NULL,'Banque',NULL,0,'Bridge','164',0,0,0,0,NULL);
INSERT INTO "bank_transaction_category" VALUES('CAT-00002',NULL,NULL,'Frais','CAT-00001',0,'Bridge','79',0,0,0,0,NULL);
CREATE TABLE coverage (
	run TEXT NOT NULL, source TEXT NOT NULL, bank_account TEXT NOT NULL, first TEXT NOT NULL,
	last TEXT NOT NULL, complete INTEGER NOT NULL
);
INSERT INTO "coverage" VALUES('SYNC-RUN-0000001','SYNC-ACC-000001','Current','2026-08-21','2026-11-19',1);
CREATE TABLE journal (
	id INTEGER PRIMARY KEY, run TEXT NOT NULL, at TEXT NOT NULL, source TEXT NOT NULL, remote_id TEXT NOT NULL,
	verdict TEXT NOT NULL, reason TEXT NOT NULL, note TEXT NOT NULL, bank_transaction TEXT NOT NULL,
	line_before TEXT, transaction_before TEXT, changed TEXT NOT NULL, made INTEGER NOT NULL,
	undoes INTEGER, cancelled INTEGER NOT NULL DEFAULT 0
);
INSERT INTO "journal" VALUES(1,'SYNC-RUN-0000001','2026-11-20T09:30:00+00:00','SYNC-ACC-000001','1','New','','','ACC-BTN-2026-00001',NULL,NULL,'{}',1,NULL,0);
INSERT INTO "journal" VALUES(2,'SYNC-RUN-0000001','2026-11-20T09:30:00+00:00','SYNC-ACC-000001','2','New','','','ACC-BTN-2026-00002',NULL,NULL,'{}',1,NULL,0);
INSERT INTO "journal" VALUES(3,'SYNC-RUN-0000001','2026-11-20T09:30:00+00:00','SYNC-ACC-000001','3','New','','','ACC-BTN-2026-00003',NULL,NULL,'{}',1,NULL,0);
INSERT INTO "journal" VALUES(4,'SYNC-RUN-0000001','2026-11-20T09:30:00+00:00','SYNC-ACC-000001','4','New','','','ACC-BTN-2026-00004',NULL,NULL,'{}',1,NULL,0);
INSERT INTO "journal" VALUES(5,'SYNC-RUN-0000002','2026-11-20T09:30:00+00:00','SYNC-ACC-000001','2','Merge','','ACC-BTN-2026-00001','ACC-BTN-2026-00002','{"name": "SL0000000002", "creation": "2026-11-20T09:30:00+00:00", "modified": "2026-11-20T09:30:00+00:00", "source": "SYNC-ACC-000001", "remote_id": "2", "connection": "SYNC-CONN-00001", "bank_account": "Current", "date": "2026-11-19", "amount": -32000, "currency": "EUR", "description": "Cafe", "original": "CB CAFE", "state": "Booked", "reason": "", "note": "", "bank_transaction": "ACC-BTN-2026-00002", "deleted_transaction": "", "value_date": null, "transaction_date": null, "category": "79", "kind": "", "party_name": "", "party_iban": "", "reference": "", "remote_updated_at": "2026-11-20T09:30:00+00:00", "run": "SYNC-RUN-0000001", "raw": "{\"id\": 1}"}','{"name": "ACC-BTN-2026-00002", "creation": "2026-11-20T09:30:00+00:00", "modified": "2026-11-20T09:30:00+00:00", "date": "2026-11-19", "bank_account": "Current", "deposit": 0, "withdrawal": 32000, "currency": "EUR", "description": "Cafe", "category": "CAT-00002", "transaction_id": "2", "origin": "SYNC-ACC-000001/2", "reference_number": "", "transaction_type": "", "bank_party_name": "", "bank_party_iban": "", "status": "Unreconciled", "allocated_amount": 0, "unallocated_amount": 32000}','{}',0,NULL,1);
INSERT INTO "journal" VALUES(6,'SYNC-RUN-0000002','2026-11-20T09:30:00+00:00','','ACC-BTN-2026-00001','Merge','','ACC-BTN-2026-00002','ACC-BTN-2026-00001',NULL,NULL,'{}',0,NULL,1);
INSERT INTO "journal" VALUES(7,'SYNC-RUN-0000003','2026-11-20T09:30:00+00:00','','ACC-BTN-2026-00001','Undo','','','ACC-BTN-2026-00001',NULL,NULL,'{}',0,6,0);
INSERT INTO "journal" VALUES(8,'SYNC-RUN-0000003','2026-11-20T09:30:00+00:00','SYNC-ACC-000001','2','Undo','','','ACC-BTN-2026-00002','{"name": "SL0000000002", "creation": "2026-11-20T09:30:00+00:00", "modified": "2026-11-20T09:30:00+00:00", "source": "SYNC-ACC-000001", "remote_id": "2", "connection": "SYNC-CONN-00001", "bank_account": "Current", "date": "2026-11-19", "amount": -32000, "currency": "EUR", "description": "Cafe", "original": "CB CAFE", "state": "Booked", "reason": "Duplicate of another line", "note": "ACC-BTN-2026-00001", "bank_transaction": null, "deleted_transaction": "ACC-BTN-2026-00001", "value_date": null, "transaction_date": null, "category": "79", "kind": "", "party_name": "", "party_iban": "", "reference": "", "remote_updated_at": "2026-11-20T09:30:00+00:00", "run": "SYNC-RUN-0000001", "raw": "{\"id\": 1}"}',NULL,'{}',1,5,0);
INSERT INTO "journal" VALUES(9,'SYNC-RUN-0000004','2026-11-20T09:30:00+00:00','SYNC-ACC-000001','3','Delete','Deleted by a person','','ACC-BTN-2026-00003','{"name": "SL0000000003", "creation": "2026-11-20T09:30:00+00:00", "modified": "2026-11-20T09:30:00+00:00", "source": "SYNC-ACC-000001", "remote_id": "3", "connection": "SYNC-CONN-00001", "bank_account": "Current", "date": "2026-11-19", "amount": 125000, "currency": "EUR", "description": "Cafe", "original": "CB CAFE", "state": "Booked", "reason": "", "note": "", "bank_transaction": "ACC-BTN-2026-00003", "deleted_transaction": "", "value_date": null, "transaction_date": null, "category": "79", "kind": "", "party_name": "", "party_iban": "", "reference": "", "remote_updated_at": "2026-11-20T09:30:00+00:00", "run": "SYNC-RUN-0000001", "raw": "{\"id\": 1}"}','{"name": "ACC-BTN-2026-00003", "creation": "2026-11-20T09:30:00+00:00", "modified": "2026-11-20T09:30:00+00:00", "date": "2026-11-19", "bank_account": "Current", "deposit": 125000, "withdrawal": 0, "currency": "EUR", "description": "Cafe", "category": "CAT-00002", "transaction_id": "3", "origin": "SYNC-ACC-000001/3", "reference_number": "", "transaction_type": "", "bank_party_name": "", "bank_party_iban": "", "status": "Unreconciled", "allocated_amount": 0, "unallocated_amount": 125000}','{}',0,NULL,0);
INSERT INTO "journal" VALUES(10,'SYNC-RUN-0000005','2026-11-20T10:30:00+00:00','SYNC-ACC-000001','4','Update','','','ACC-BTN-2026-00004','{"name": "SL0000000004", "creation": "2026-11-20T09:30:00+00:00", "modified": "2026-11-20T09:30:00+00:00", "source": "SYNC-ACC-000001", "remote_id": "4", "connection": "SYNC-CONN-00001", "bank_account": "Current", "date": "2026-11-19", "amount": -70000, "currency": "EUR", "description": "Cafe", "original": "CB CAFE", "state": "Booked", "reason": "", "note": "", "bank_transaction": "ACC-BTN-2026-00004", "deleted_transaction": "", "value_date": null, "transaction_date": null, "category": "79", "kind": "", "party_name": "", "party_iban": "", "reference": "", "remote_updated_at": "2026-11-20T09:30:00+00:00", "run": "SYNC-RUN-0000001", "raw": "{\"id\": 1}"}',NULL,'{"withdrawal": [70000, 75000]}',0,NULL,0);
CREATE TABLE memory (
	provider TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, expires_at TEXT NOT NULL,
	PRIMARY KEY (provider, key)
);
CREATE TABLE series (name TEXT PRIMARY KEY, current INTEGER NOT NULL);
INSERT INTO "series" VALUES('SYNC-CONN-',1);
INSERT INTO "series" VALUES('CAT-',2);
INSERT INTO "series" VALUES('SYNC-ACC-',1);
INSERT INTO "series" VALUES('SYNC-RUN-',5);
INSERT INTO "series" VALUES('ACC-BTN-2026-',4);
INSERT INTO "series" VALUES('SL',5);
CREATE TABLE shown_plan (key TEXT PRIMARY KEY, at TEXT NOT NULL, rows TEXT NOT NULL);
INSERT INTO "shown_plan" VALUES('k','2026-11-20T09:30:00+00:00','[[1]]');
CREATE TABLE statement_mapping (
	bank TEXT NOT NULL REFERENCES bank (name), signature TEXT NOT NULL, mapping TEXT NOT NULL,
	PRIMARY KEY (bank, signature)
);
CREATE TABLE sync_certificate ("name" TEXT PRIMARY KEY, "creation" TEXT, "modified" TEXT, "bank_account" TEXT REFERENCES bank_account (name), "first_day" TEXT, "last_day" TEXT, "status" TEXT NOT NULL DEFAULT '', "bank" TEXT NOT NULL DEFAULT '', "iban" TEXT NOT NULL DEFAULT '', "currency" TEXT NOT NULL DEFAULT '', "company" TEXT NOT NULL DEFAULT '', "opening" INTEGER, "money_in" INTEGER, "money_out" INTEGER, "closing" INTEGER, "transactions" INTEGER NOT NULL DEFAULT 0, "days_fetched" INTEGER NOT NULL DEFAULT 0, "days_missing" INTEGER NOT NULL DEFAULT 0, "proven_at" TEXT, "made_by" TEXT NOT NULL DEFAULT '', "made_at" TEXT, "rows" TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE sync_connection ("name" TEXT PRIMARY KEY, "creation" TEXT, "modified" TEXT, "bank" TEXT REFERENCES bank (name), "provider" TEXT REFERENCES sync_provider (name), "institution_id" TEXT NOT NULL DEFAULT '', "status" TEXT NOT NULL DEFAULT '', "automatic" INTEGER NOT NULL DEFAULT 1, "frequency" TEXT NOT NULL DEFAULT '', "next_run_at" TEXT, "status_code" TEXT NOT NULL DEFAULT '', "status_message" TEXT NOT NULL DEFAULT '', "status_reference" TEXT NOT NULL DEFAULT '', "consent_expires_at" TEXT, "last_success_at" TEXT, "last_refresh_at" TEXT, "warned_days" INTEGER NOT NULL DEFAULT 0, "warned_status" TEXT NOT NULL DEFAULT '', "remote_user" TEXT NOT NULL DEFAULT '', "remote_id" TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "sync_connection" VALUES('SYNC-CONN-00001',NULL,'2026-11-20T09:30:00+00:00','Banque du Port','bridge','','Active',1,'',NULL,'','','',NULL,NULL,NULL,0,'','user-1','item-1');
CREATE TABLE sync_line ("name" TEXT PRIMARY KEY, "creation" TEXT, "modified" TEXT, "source" TEXT NOT NULL DEFAULT '', "remote_id" TEXT NOT NULL DEFAULT '', "connection" TEXT REFERENCES sync_connection (name), "bank_account" TEXT REFERENCES bank_account (name), "date" TEXT, "amount" INTEGER, "currency" TEXT NOT NULL DEFAULT '', "description" TEXT NOT NULL DEFAULT '', "original" TEXT NOT NULL DEFAULT '', "state" TEXT NOT NULL DEFAULT '', "reason" TEXT NOT NULL DEFAULT '', "note" TEXT NOT NULL DEFAULT '', "bank_transaction" TEXT REFERENCES bank_transaction (name) ON DELETE SET NULL, "deleted_transaction" TEXT NOT NULL DEFAULT '', "value_date" TEXT, "transaction_date" TEXT, "category" TEXT NOT NULL DEFAULT '', "kind" TEXT NOT NULL DEFAULT '', "party_name" TEXT NOT NULL DEFAULT '', "party_iban" TEXT NOT NULL DEFAULT '', "reference" TEXT NOT NULL DEFAULT '', "remote_updated_at" TEXT, "run" TEXT REFERENCES sync_run (name), "raw" TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "sync_line" VALUES('SL0000000001','2026-11-20T09:30:00+00:00','2026-11-20T09:30:00+00:00','SYNC-ACC-000001','1','SYNC-CONN-00001','Current','2026-11-19',-32000,'EUR','Cafe','CB CAFE','Booked','','','ACC-BTN-2026-00001','',NULL,NULL,'79','','','','','2026-11-20T09:30:00+00:00','SYNC-RUN-0000001','{"id": 1}');
INSERT INTO "sync_line" VALUES('SL0000000003','2026-11-20T09:30:00+00:00','2026-11-20T09:30:00+00:00','SYNC-ACC-000001','3','SYNC-CONN-00001','Current','2026-11-19',125000,'EUR','Cafe','CB CAFE','Booked','Deleted by a person','',NULL,'ACC-BTN-2026-00003',NULL,NULL,'79','','','','','2026-11-20T09:30:00+00:00','SYNC-RUN-0000001','{"id": 1}');
INSERT INTO "sync_line" VALUES('SL0000000004','2026-11-20T09:30:00+00:00','2026-11-20T10:30:00+00:00','SYNC-ACC-000001','4','SYNC-CONN-00001','Current','2026-11-19',-75000,'EUR','Cafe','CB CAFE','Booked','','','ACC-BTN-2026-00004','',NULL,NULL,'79','','','','','2026-11-20T09:30:00+00:00','SYNC-RUN-0000005','{"id": 1}');
INSERT INTO "sync_line" VALUES('SL0000000002','2026-11-20T09:30:00+00:00','2026-11-20T09:30:00+00:00','SYNC-ACC-000001','2','SYNC-CONN-00001','Current','2026-11-19',-32000,'EUR','Cafe','CB CAFE','Booked','','','ACC-BTN-2026-00002','',NULL,NULL,'79','','','','','2026-11-20T09:30:00+00:00','SYNC-RUN-0000001','{"id": 1}');
CREATE TABLE sync_provider ("name" TEXT PRIMARY KEY, "creation" TEXT, "modified" TEXT, "provider_name" TEXT NOT NULL DEFAULT '', "provider_type" TEXT NOT NULL DEFAULT '', "environment" TEXT NOT NULL DEFAULT '', "enabled" INTEGER NOT NULL DEFAULT 1, "client_id" TEXT NOT NULL DEFAULT '', "base_url" TEXT NOT NULL DEFAULT '', "webhook_url" TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "sync_provider" VALUES('bridge','2026-11-20T09:30:00+00:00','2026-11-20T09:30:00+00:00','bridge','Bridge','Production',1,'id','','');
CREATE TABLE sync_remote_account ("name" TEXT PRIMARY KEY, "creation" TEXT, "modified" TEXT, "remote_id" TEXT NOT NULL DEFAULT '', "account_name" TEXT NOT NULL DEFAULT '', "kind" TEXT NOT NULL DEFAULT '', "iban" TEXT NOT NULL DEFAULT '', "currency" TEXT NOT NULL DEFAULT '', "bank_account" TEXT REFERENCES bank_account (name), "start_date" TEXT, "enabled" INTEGER NOT NULL DEFAULT 1, "failed" INTEGER NOT NULL DEFAULT 0, "gone" INTEGER NOT NULL DEFAULT 0, "balance" INTEGER, "balance_available" INTEGER, "balance_at" TEXT, "details" TEXT NOT NULL DEFAULT '', "cursor" TEXT NOT NULL DEFAULT '', "parent" TEXT NOT NULL REFERENCES sync_connection (name) ON DELETE CASCADE, "idx" INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "sync_remote_account" VALUES('SYNC-ACC-000001',NULL,NULL,'acc','Courant','checking','FR7699999000010000000001764','EUR','Current',NULL,1,0,0,1005000,NULL,NULL,'{}','2026-11-20','SYNC-CONN-00001',1);
CREATE TABLE sync_run ("name" TEXT PRIMARY KEY, "creation" TEXT, "modified" TEXT, "connection" TEXT REFERENCES sync_connection (name), "trigger" TEXT NOT NULL DEFAULT '', "status" TEXT NOT NULL DEFAULT '', "started_at" TEXT, "ended_at" TEXT, "fetched" INTEGER NOT NULL DEFAULT 0, "created" INTEGER NOT NULL DEFAULT 0, "adopted" INTEGER NOT NULL DEFAULT 0, "updated" INTEGER NOT NULL DEFAULT 0, "unchanged" INTEGER NOT NULL DEFAULT 0, "removed" INTEGER NOT NULL DEFAULT 0, "held" INTEGER NOT NULL DEFAULT 0, "refused" INTEGER NOT NULL DEFAULT 0, "error_code" TEXT NOT NULL DEFAULT '', "error_message" TEXT NOT NULL DEFAULT '', "error_reference" TEXT NOT NULL DEFAULT '', "checks" TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "sync_run" VALUES('SYNC-RUN-0000001',NULL,NULL,'SYNC-CONN-00001','scheduled','Success','2026-11-20T09:30:00+00:00','2026-11-20T09:30:00+00:00',4,4,0,0,0,0,0,0,'','','','[]');
INSERT INTO "sync_run" VALUES('SYNC-RUN-0000002',NULL,NULL,NULL,'merge ACC-BTN-2026-00002 into ACC-BTN-2026-00001','Success','2026-11-20T09:30:00+00:00','2026-11-20T09:30:00+00:00',0,0,1,0,0,1,0,0,'','','','[]');
INSERT INTO "sync_run" VALUES('SYNC-RUN-0000003',NULL,NULL,NULL,'undo SYNC-RUN-0000002','Success','2026-11-20T09:30:00+00:00','2026-11-20T09:30:00+00:00',2,1,0,0,0,0,0,0,'','','','[]');
INSERT INTO "sync_run" VALUES('SYNC-RUN-0000004',NULL,NULL,NULL,'delete ACC-BTN-2026-00003','Success','2026-11-20T09:30:00+00:00','2026-11-20T09:30:00+00:00',0,0,0,0,0,1,0,0,'','','','[]');
INSERT INTO "sync_run" VALUES('SYNC-RUN-0000005',NULL,NULL,'SYNC-CONN-00001','scheduled','Success','2026-11-20T10:30:00+00:00',NULL,0,0,0,0,0,0,0,0,'','','','[]');
CREATE TABLE tally (provider TEXT NOT NULL, key TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE vault (
	owner TEXT NOT NULL, field TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (owner, field)
);
CREATE INDEX tally_key ON tally (provider, key, at);
CREATE INDEX journal_run ON journal (run);
CREATE INDEX journal_line ON journal (source, remote_id);
CREATE INDEX journal_transaction ON journal (bank_transaction) WHERE bank_transaction <> '';
CREATE INDEX coverage_account ON coverage (bank_account, first);
CREATE UNIQUE INDEX one_line ON sync_line (source, remote_id);
CREATE UNIQUE INDEX one_line_per_source ON sync_line (bank_transaction, source)
	WHERE bank_transaction IS NOT NULL;
CREATE UNIQUE INDEX one_transaction ON bank_transaction (origin) WHERE origin <> '';
CREATE UNIQUE INDEX one_account ON sync_remote_account (parent, remote_id);
CREATE UNIQUE INDEX one_category ON bank_transaction_category (provider_type, remote_id)
	WHERE remote_id <> '';
CREATE INDEX transaction_content ON bank_transaction (bank_account, amount, date);
CREATE INDEX transaction_page ON bank_transaction (date, name);
CREATE INDEX transaction_account_page ON bank_transaction (bank_account, date, name);
CREATE INDEX transaction_category ON bank_transaction (category, date, name);
CREATE INDEX line_deleted ON sync_line (bank_account, amount, date)
	WHERE deleted_transaction <> '';
CREATE INDEX line_stands_for ON sync_line (deleted_transaction) WHERE deleted_transaction <> '';
CREATE INDEX line_waiting ON sync_line (bank_account, date) WHERE bank_transaction IS NULL;
CREATE INDEX line_reason ON sync_line (source, reason) WHERE reason <> '';
CREATE INDEX line_asked ON sync_line (date) WHERE reason = 'Could be one of several bank transactions';
CREATE INDEX run_latest ON sync_run (connection, started_at);
COMMIT;
