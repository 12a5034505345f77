-- A database as the code of schema 0005 left it, made by its own functions from invented papers: candidates and
-- deliveries in every state, days of feeds under repair, a training that failed, weights and known picks.
BEGIN TRANSACTION;
CREATE TABLE accounts (
	platform VARCHAR(32) NOT NULL, 
	account TEXT NOT NULL, 
	failures INTEGER NOT NULL, 
	rests_until DATETIME, 
	error TEXT NOT NULL, 
	CONSTRAINT pk_accounts PRIMARY KEY (platform, account)
);
INSERT INTO "accounts" VALUES('x','12345',2,NULL,'no answer from X');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0005');
CREATE TABLE announcements (
	batch_id INTEGER NOT NULL, 
	arxiv_id VARCHAR NOT NULL, 
	type VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, fingerprint VARCHAR(32), 
	CONSTRAINT pk_announcements PRIMARY KEY (batch_id, arxiv_id), 
	CONSTRAINT fk_announcements_arxiv_id_papers FOREIGN KEY(arxiv_id) REFERENCES papers (arxiv_id), 
	CONSTRAINT fk_announcements_batch_id_batches FOREIGN KEY(batch_id) REFERENCES batches (id) ON DELETE CASCADE
);
INSERT INTO "announcements" VALUES(1,'2602.00001','new',1,NULL);
INSERT INTO "announcements" VALUES(1,'2602.00002','new',1,NULL);
INSERT INTO "announcements" VALUES(2,'2602.00101','new',1,'6ed8df4149dba5b6f2e016cfc48efa81');
INSERT INTO "announcements" VALUES(2,'2602.00102','new',1,'6277131309f62b695bd9aca73c533e92');
INSERT INTO "announcements" VALUES(2,'2602.00103','new',1,'d87baabb3b9d8d6a8ba4b475a083704e');
INSERT INTO "announcements" VALUES(2,'2602.00104','new',1,'652803bbe09c7681cdd71ecf0b3717c7');
INSERT INTO "announcements" VALUES(2,'2602.00105','new',1,'7d1c0871c638dbcd7c555f50f8b4c713');
INSERT INTO "announcements" VALUES(2,'2602.00106','new',1,'a948ddb992b1ce7dfa225738e5e656a9');
INSERT INTO "announcements" VALUES(2,'2602.00107','new',1,'737377d9b4d183e6962b5edcbc45f4ad');
INSERT INTO "announcements" VALUES(2,'2602.00108','new',1,'90284dab61c0e59d236c3bc5e0110db5');
INSERT INTO "announcements" VALUES(2,'2602.00109','new',1,'a4e20505f32b132f37209b90db50b544');
INSERT INTO "announcements" VALUES(2,'2602.00110','new',1,'2c039cb3b980cde093b238be9e34cb82');
INSERT INTO "announcements" VALUES(2,'2602.00111','new',1,'89a4f31d1d50db98abfddfc94d9b1053');
INSERT INTO "announcements" VALUES(2,'2602.00112','new',1,'f10ef9103a4075dc01a281efe9f0f276');
INSERT INTO "announcements" VALUES(2,'2602.00113','new',1,'8b3dd27c1a6bb9af097c774be90ea926');
INSERT INTO "announcements" VALUES(2,'2602.00114','new',1,'e831ca8f59a46a273c38fd2640ac9c1b');
INSERT INTO "announcements" VALUES(3,'2602.00114','cross',1,'ed4f41d9d7e034344dc8d973191fe430');
INSERT INTO "announcements" VALUES(4,'2602.00101','replace',2,NULL);
INSERT INTO "announcements" VALUES(4,'2602.00301','new',1,NULL);
INSERT INTO "announcements" VALUES(5,'2602.00401','new',1,NULL);
INSERT INTO "announcements" VALUES(5,'2602.00402','new',1,NULL);
CREATE TABLE batches (
	id INTEGER NOT NULL, 
	feed TEXT NOT NULL, 
	day DATE NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	built_at DATETIME NOT NULL, 
	ingested_at DATETIME NOT NULL, 
	source TEXT NOT NULL, 
	items INTEGER NOT NULL, 
	new_papers INTEGER NOT NULL, 
	updated_papers INTEGER NOT NULL, 
	health VARCHAR(16) NOT NULL, reason TEXT DEFAULT '' NOT NULL, origin VARCHAR(32) DEFAULT 'feed' NOT NULL, cut_off BOOLEAN DEFAULT 0 NOT NULL, highest VARCHAR(32), 
	CONSTRAINT pk_batches PRIMARY KEY (id), 
	CONSTRAINT uq_batches_feed_day_digest UNIQUE (feed, day, digest)
);
INSERT INTO "batches" VALUES(1,'cs.CL','2026-02-10','3e63d9fc6b583cf30cb136a5bd675faee807d700ddcffabca27d3fbdc711a9e2','2026-02-10 05:00:00.000000','2026-02-10 12:00:00.000000','cs.CL-2026-02-10.xml',2,2,0,'fresh','','feed',0,'2602.00002');
INSERT INTO "batches" VALUES(2,'cs.CL','2026-02-17','4ff7827c4aa4b63cd9719b4fac97077ddd9fce2ed74fa7ced0ee8f02a999dc34','2026-02-17 05:00:03.000000','2026-02-17 12:00:00.000000','http://127.0.0.1:8000/rss/cs.CL',14,14,0,'fresh','','feed',0,'2602.00114');
INSERT INTO "batches" VALUES(3,'cs.LG','2026-02-17','429482c97ac43e3dc7d72820169e636d390513842f12a27f4b32e0f638f3c1f4','2026-02-17 05:00:03.000000','2026-02-17 12:00:00.000000','http://127.0.0.1:8000/rss/cs.LG',1,0,0,'fresh','','feed',0,NULL);
INSERT INTO "batches" VALUES(4,'cs.CL','2026-02-18','7fcd7e30320517182034f4c015e11666f2672f910fcdb8ca49997beb1bc51daf','2026-02-18 05:00:00.000000','2026-02-18 12:00:00.000000','cs.CL-2026-02-18.xml',2,1,1,'fresh','','feed',0,'2602.00301');
INSERT INTO "batches" VALUES(5,'cs.CL','2026-02-20','00e2bdd5e28385bc056e0b6b79f1f04c4eabbe907a9c2d20391b8e83249f2487','2026-02-23 17:06:00.000000','2026-02-23 17:06:00.000000','arXiv API',2,2,0,'fresh','','api',0,NULL);
INSERT INTO "batches" VALUES(6,'cs.LG','2026-02-11','e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855','2026-02-11 05:00:00.000000','2026-02-23 18:02:00.000000','cs.LG-2026-02-11.xml',0,0,0,'empty','no papers, though arXiv should announce some on Wednesday 2026-02-11','feed',0,NULL);
CREATE TABLE candidates (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	channel VARCHAR(40) NOT NULL, 
	arxiv_id VARCHAR NOT NULL, 
	announced DATE, 
	score FLOAT NOT NULL, 
	reasons JSON NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	queued_at DATETIME NOT NULL, 
	held_until DATE, 
	by_hand BOOLEAN NOT NULL, 
	CONSTRAINT fk_candidates_arxiv_id_papers FOREIGN KEY(arxiv_id) REFERENCES papers (arxiv_id), 
	CONSTRAINT uq_candidates_channel_arxiv_id UNIQUE (channel, arxiv_id)
);
INSERT INTO "candidates" VALUES(1,'sample','2602.00001','2026-02-10',0.021881,'["probing +3.8"]','expired','2026-02-10 12:00:00.000000',NULL,0);
INSERT INTO "candidates" VALUES(2,'sample','2602.00002','2026-02-10',0.00407,'["steering +0.5"]','held','2026-02-10 12:00:00.000000','2026-03-20',0);
INSERT INTO "candidates" VALUES(3,'sample','2602.00101','2026-02-17',0.021881,'["probing +3.8"]','published','2026-02-17 12:00:00.000000',NULL,0);
INSERT INTO "candidates" VALUES(4,'sample','2602.00102','2026-02-17',0.021881,'["probing +3.8"]','retracted','2026-02-17 12:00:00.000000',NULL,0);
INSERT INTO "candidates" VALUES(5,'sample','2602.00103','2026-02-17',0.021881,'["probing +3.8"]','publishing','2026-02-17 12:00:00.000000',NULL,0);
INSERT INTO "candidates" VALUES(6,'sample','2602.00104','2026-02-17',0.021881,'["probing +3.8"]','attention','2026-02-17 14:00:00.000000',NULL,1);
INSERT INTO "candidates" VALUES(7,'sample','2602.00105','2026-02-17',0.021881,'["probing +3.8"]','attention','2026-02-17 14:00:00.000000',NULL,1);
INSERT INTO "candidates" VALUES(8,'sample','2602.00110','2026-02-17',0.021881,'["probing +3.8"]','published','2026-02-17 20:00:00.000000',NULL,1);
INSERT INTO "candidates" VALUES(9,'sample','2602.00106','2026-02-17',0.021881,'["probing +3.8"]','publishing','2026-02-17 20:00:00.000000',NULL,1);
INSERT INTO "candidates" VALUES(10,'sample','2602.00111','2026-02-17',0.021881,'["probing +3.8"]','publishing','2026-02-17 20:00:00.000000',NULL,1);
INSERT INTO "candidates" VALUES(11,'sample','2602.00107','2026-02-17',0.021881,'["probing +3.8"]','approved','2026-02-17 20:00:00.000000',NULL,1);
INSERT INTO "candidates" VALUES(12,'sample','2602.00108','2026-02-17',0.021881,'["probing +3.8"]','rejected','2026-02-17 20:00:00.000000',NULL,1);
INSERT INTO "candidates" VALUES(13,'sample','2602.00109','2026-02-17',0.007667,'["probing +1.1"]','queued','2026-02-17 20:00:00.000000',NULL,1);
INSERT INTO "candidates" VALUES(14,'sample','2602.00301','2026-02-18',0.00407,'["steering +0.5"]','queued','2026-02-18 12:00:00.000000',NULL,0);
INSERT INTO "candidates" VALUES(15,'sample','2602.00401','2026-02-20',0.007667,'["probing +1.1"]','queued','2026-02-23 17:06:00.000000',NULL,0);
INSERT INTO "candidates" VALUES(16,'sample','2602.00402','2026-02-20',0.007667,'["probing +1.1"]','queued','2026-02-23 17:06:00.000000',NULL,0);
CREATE TABLE decisions (
	id INTEGER NOT NULL, 
	candidate_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	action VARCHAR(32) NOT NULL, 
	"before" VARCHAR(32), 
	"after" VARCHAR(32) NOT NULL, 
	"by" VARCHAR(100) NOT NULL, 
	mouth VARCHAR(20) NOT NULL, 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_decisions PRIMARY KEY (id), 
	CONSTRAINT fk_decisions_candidate_id_candidates FOREIGN KEY(candidate_id) REFERENCES candidates (id) ON DELETE CASCADE
);
INSERT INTO "decisions" VALUES(1,2,'2026-02-10 12:00:00.000000','hold','queued','held','ada','shell','until 2026-03-20');
INSERT INTO "decisions" VALUES(2,1,'2026-02-17 13:00:00.000000','expire','queued','expired','worker','worker','');
INSERT INTO "decisions" VALUES(3,3,'2026-02-17 14:00:00.000000','approve','queued','approved','ada','shell','slot 2026-02-17 14:00Z; posts bluesky e49bcb140bce, x b36dbebb35e4');
INSERT INTO "decisions" VALUES(4,3,'2026-02-17 14:00:00.000000','start','approved','publishing','worker','worker','');
INSERT INTO "decisions" VALUES(5,3,'2026-02-17 14:00:00.000000','finish','publishing','published','worker','worker','');
INSERT INTO "decisions" VALUES(6,4,'2026-02-17 14:00:00.000000','approve','queued','approved','ada','shell','slot 2026-02-17 14:00Z; posts bluesky 568449222731, x 79142641d859');
INSERT INTO "decisions" VALUES(7,4,'2026-02-17 14:00:00.000000','start','approved','publishing','worker','worker','');
INSERT INTO "decisions" VALUES(8,4,'2026-02-17 14:00:00.000000','finish','publishing','published','worker','worker','');
INSERT INTO "decisions" VALUES(9,6,'2026-02-17 14:00:00.000000','offer',NULL,'queued','ada','shell','chosen by hand');
INSERT INTO "decisions" VALUES(10,6,'2026-02-17 14:00:00.000000','approve','queued','approved','ada','shell','slot 2026-02-17 14:00Z; posts bluesky 5c37d3a73124, x 16e84add5b43');
INSERT INTO "decisions" VALUES(11,6,'2026-02-17 14:00:00.000000','start','approved','publishing','worker','worker','');
INSERT INTO "decisions" VALUES(12,6,'2026-02-17 14:00:00.000000','alarm','publishing','attention','worker','worker','X refused a post: too many mentions');
INSERT INTO "decisions" VALUES(13,7,'2026-02-17 14:00:00.000000','offer',NULL,'queued','ada','shell','chosen by hand');
INSERT INTO "decisions" VALUES(14,7,'2026-02-17 14:00:00.000000','approve','queued','approved','ada','shell','slot 2026-02-17 14:00Z; posts bluesky 2680bc52fab6, x a3a0903b2de5');
INSERT INTO "decisions" VALUES(15,7,'2026-02-17 14:00:00.000000','start','approved','publishing','worker','worker','');
INSERT INTO "decisions" VALUES(16,7,'2026-02-17 18:00:00.000000','alarm','publishing','attention','worker','worker','x never answered, twice, and shows no such post; look yourself at 12345');
INSERT INTO "decisions" VALUES(17,8,'2026-02-17 20:00:00.000000','offer',NULL,'queued','ada','shell','chosen by hand');
INSERT INTO "decisions" VALUES(18,8,'2026-02-17 20:00:00.000000','approve','queued','approved','ada','shell','slot 2026-02-17 20:00Z; posts bluesky fa0715caada5, x 4a10cc437db9');
INSERT INTO "decisions" VALUES(19,8,'2026-02-17 20:00:00.000000','start','approved','publishing','worker','worker','');
INSERT INTO "decisions" VALUES(20,8,'2026-02-17 20:00:00.000000','finish','publishing','published','worker','worker','');
INSERT INTO "decisions" VALUES(21,5,'2026-02-17 20:00:00.000000','approve','queued','approved','ada','shell','slot 2026-02-17 20:00Z; posts bluesky ff48a37345c4, x 63cd06a91c42');
INSERT INTO "decisions" VALUES(22,5,'2026-02-17 20:00:00.000000','start','approved','publishing','worker','worker','');
INSERT INTO "decisions" VALUES(23,9,'2026-02-17 20:00:00.000000','offer',NULL,'queued','ada','shell','chosen by hand');
INSERT INTO "decisions" VALUES(24,9,'2026-02-17 20:00:00.000000','approve','queued','approved','ada','shell','slot 2026-02-17 20:00Z; posts bluesky f5ba8f5df329, x a233f46036f0');
INSERT INTO "decisions" VALUES(25,9,'2026-02-17 20:00:00.000000','start','approved','publishing','worker','worker','');
INSERT INTO "decisions" VALUES(26,10,'2026-02-17 20:00:00.000000','offer',NULL,'queued','ada','shell','chosen by hand');
INSERT INTO "decisions" VALUES(27,10,'2026-02-17 20:00:00.000000','approve','queued','approved','ada','shell','slot 2026-02-17 20:00Z; posts bluesky 0a30dce839ec, x fb3b17e1058e');
INSERT INTO "decisions" VALUES(28,10,'2026-02-17 20:00:00.000000','start','approved','publishing','worker','worker','');
INSERT INTO "decisions" VALUES(29,4,'2026-02-17 20:00:00.000000','retract','published','retracted','ada','shell','');
INSERT INTO "decisions" VALUES(30,11,'2026-02-17 20:00:00.000000','offer',NULL,'queued','ada','shell','chosen by hand');
INSERT INTO "decisions" VALUES(31,11,'2026-02-17 20:00:00.000000','approve','queued','approved','ada','shell','slot 2026-02-27 10:00Z; posts bluesky 3332d5fb703e, x 0ae32717aa9e');
INSERT INTO "decisions" VALUES(32,12,'2026-02-17 20:00:00.000000','offer',NULL,'queued','ada','shell','chosen by hand');
INSERT INTO "decisions" VALUES(33,12,'2026-02-17 20:00:00.000000','reject','queued','rejected','ada','shell','no interpretability');
INSERT INTO "decisions" VALUES(34,13,'2026-02-17 20:00:00.000000','offer',NULL,'queued','ada','shell','chosen by hand');
INSERT INTO "decisions" VALUES(35,13,'2026-02-17 20:00:00.000000','note','queued','queued','ada','shell','note: A draft.');
CREATE TABLE deliveries (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	pick_id INTEGER NOT NULL, 
	platform VARCHAR(32) NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	remarks JSON NOT NULL, 
	due_at DATETIME NOT NULL, 
	next_try_at DATETIME, 
	attempts INTEGER NOT NULL, 
	claimed_by VARCHAR(100), 
	lease_until DATETIME, 
	request JSON, 
	account TEXT, 
	error TEXT, 
	sent_at DATETIME, single BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT fk_deliveries_pick_id_picks FOREIGN KEY(pick_id) REFERENCES picks (id) ON DELETE CASCADE, 
	CONSTRAINT uq_deliveries_pick_id_platform UNIQUE (pick_id, platform)
);
INSERT INTO "deliveries" VALUES(1,1,'bluesky','sent','e49bcb140bce5f6c0dc115905992c03768c2eea9d275512b456724d9f99c1987','[]','2026-02-17 14:00:00.000000',NULL,1,NULL,NULL,NULL,'did:plc:sample',NULL,'2026-02-17 14:00:00.000000',0);
INSERT INTO "deliveries" VALUES(2,1,'x','sent','b36dbebb35e47caae51bb00b02db0074728e84ebec8cc9031e7c1be9acf917f1','[]','2026-02-17 14:00:00.000000',NULL,1,NULL,NULL,NULL,'12345',NULL,'2026-02-17 14:00:00.000000',0);
INSERT INTO "deliveries" VALUES(3,2,'bluesky','retracted','568449222731199d8c91f2ae6b3845664be233005ad0fb80eb33525452b42227','[]','2026-02-17 14:00:00.000000',NULL,1,NULL,NULL,NULL,'did:plc:sample',NULL,'2026-02-17 14:00:00.000000',0);
INSERT INTO "deliveries" VALUES(4,2,'x','retracted','79142641d859b1f9b13556b72cf1c5afa8555bcfe2ec7b3c17432f91ac71580b','[]','2026-02-17 14:00:00.000000',NULL,1,NULL,NULL,NULL,'12345',NULL,'2026-02-17 14:00:00.000000',0);
INSERT INTO "deliveries" VALUES(5,3,'bluesky','sent','5c37d3a731248bceae84c994f7f0df69b8982ca9459d95f24ab30a5e7d1c9ce0','[]','2026-02-17 14:00:00.000000',NULL,1,NULL,NULL,NULL,'did:plc:sample',NULL,'2026-02-17 14:00:00.000000',0);
INSERT INTO "deliveries" VALUES(6,3,'x','refused','16e84add5b43cc614bfb6715aa003d1c4575de614abf9391e4bdd3dd56805af7','[]','2026-02-17 14:00:00.000000',NULL,1,NULL,NULL,NULL,'12345','X refused a post: too many mentions',NULL,0);
INSERT INTO "deliveries" VALUES(7,4,'bluesky','sent','2680bc52fab666b4384060c310b32fd7d6d2166cd73149a3b53b86c5f07883e5','[]','2026-02-17 14:00:00.000000',NULL,1,NULL,NULL,NULL,'did:plc:sample',NULL,'2026-02-17 14:00:00.000000',0);
INSERT INTO "deliveries" VALUES(8,4,'x','unknown','a3a0903b2de51b46bf42914e1a7ec40ff1eadb37f84d055f247bae196e10e9b3','[]','2026-02-17 14:00:00.000000',NULL,1,NULL,NULL,'{"positions": [0], "body": {"keys": ["x:8"], "posts": [{"text": "Probing paper number 105\n\nA. One, B. Two", "length": 40, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}], "parent": null}, "repeats": 1, "single": false}','12345','x never answered, twice, and shows no such post; look yourself at 12345',NULL,0);
INSERT INTO "deliveries" VALUES(9,5,'bluesky','sent','fa0715caada5cda7186d66aaba6a5bc3a917788b1d914d2e1ee4e7e012defde5','[]','2026-02-17 20:00:00.000000',NULL,1,NULL,NULL,NULL,'did:plc:sample',NULL,'2026-02-17 20:00:00.000000',0);
INSERT INTO "deliveries" VALUES(10,5,'x','sent','4a10cc437db95a6ab58d00d51a5e70f22a406595fe2fa11d878a38a058a566aa','["Sent as a single post, as a person decided."]','2026-02-17 20:00:00.000000',NULL,1,NULL,NULL,NULL,'12345',NULL,'2026-02-17 20:00:00.000000',1);
INSERT INTO "deliveries" VALUES(11,6,'bluesky','sent','ff48a37345c4d59ffdf346b6b6b2f4e0302ff85f930a0e100792929d8881afb3','[]','2026-02-17 20:00:00.000000',NULL,1,NULL,NULL,NULL,'did:plc:sample',NULL,'2026-02-17 20:00:00.000000',0);
INSERT INTO "deliveries" VALUES(12,6,'x','planned','63cd06a91c42c261c92738e5e7323ab4211dafdaed41b8d8beabeb182f6a32c6','[]','2026-02-17 20:00:00.000000','2026-02-17 20:15:00.000000',1,NULL,NULL,NULL,'12345','X is over capacity',NULL,0);
INSERT INTO "deliveries" VALUES(13,7,'bluesky','sent','f5ba8f5df32948c82663d46cc365be5c851d6aee2713a733ddafc0ad0b7671c9','[]','2026-02-17 20:00:00.000000',NULL,1,NULL,NULL,NULL,'did:plc:sample',NULL,'2026-02-17 20:00:00.000000',0);
INSERT INTO "deliveries" VALUES(14,7,'x','unknown','a233f46036f01fe3908f1535991b476eaecd1076c42b4688453ed54eaff67731','[]','2026-02-17 20:00:00.000000','2026-02-17 20:02:00.000000',1,NULL,NULL,'{"positions": [0], "body": {"keys": ["x:11"], "posts": [{"text": "Probing paper number 106\n\nA. One, B. Two", "length": 40, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}], "parent": null}, "repeats": 0, "single": false}','12345','no answer from X',NULL,0);
INSERT INTO "deliveries" VALUES(15,8,'bluesky','sending','0a30dce839ecd5cadaebcc4715418cfe0acda1fc5a04f0c50a96dac0b3990913','[]','2026-02-17 20:00:00.000000',NULL,1,'worker-1','2026-02-17 20:05:00.000000','{"positions": [0, 1, 2], "body": {"keys": ["bluesky:22", "bluesky:23", "bluesky:24"], "posts": [{"text": "Probing paper number 111\n\nA. One, B. Two", "length": 40, "limit": 300, "facets": [], "card": {"url": "https://arxiv.org/abs/2602.00111", "title": "Probing paper number 111", "description": "An abstract."}, "quote": null, "langs": ["en"]}, {"text": "Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading.", "length": 263, "limit": 300, "facets": [], "card": null, "quote": null, "langs": ["en"]}, {"text": "Paper: arxiv.org/abs/2602.00111", "length": 31, "limit": 300, "facets": [{"start": 7, "end": 31, "kind": "link", "value": "https://arxiv.org/abs/2602.00111"}], "card": null, "quote": null, "langs": ["en"]}], "parent": null}, "repeats": 0, "single": false}','did:plc:sample',NULL,NULL,0);
INSERT INTO "deliveries" VALUES(16,8,'x','planned','fb3b17e1058ed374371a80638525f7e6299cdae38f0936c79ce7334f12b321d6','[]','2026-02-17 20:00:00.000000',NULL,0,NULL,NULL,NULL,'12345',NULL,NULL,0);
INSERT INTO "deliveries" VALUES(17,9,'bluesky','planned','3332d5fb703e238f60f71068151babd00caea2c63e9d63c723c665cfc81bf7df','[]','2026-02-27 10:00:00.000000',NULL,0,NULL,NULL,NULL,'did:plc:sample',NULL,NULL,0);
INSERT INTO "deliveries" VALUES(18,9,'x','planned','0ae32717aa9e4c9e0aad4ce40e96112d9a245681f118dd208b8a10ccad495a6a','[]','2026-02-27 10:00:00.000000',NULL,0,NULL,NULL,NULL,'12345',NULL,NULL,0);
CREATE TABLE feed_bodies (
	digest VARCHAR(64) NOT NULL, 
	batch_id INTEGER NOT NULL, 
	CONSTRAINT pk_feed_bodies PRIMARY KEY (digest), 
	CONSTRAINT fk_feed_bodies_batch_id_batches FOREIGN KEY(batch_id) REFERENCES batches (id) ON DELETE CASCADE
);
INSERT INTO "feed_bodies" VALUES('d06013ae56a6d26cbd6d1e189d8082d7e12e967d5e3b070ad8aa8f8937a4e47b',1);
INSERT INTO "feed_bodies" VALUES('a829f65de88f505d079639381757ba7f40d5ac429d4b0aaa1ba09fa8822b8056',2);
INSERT INTO "feed_bodies" VALUES('a78f8e176a7b6176722f894dfc307edba7148683573772dc4b4f87d598b91698',3);
INSERT INTO "feed_bodies" VALUES('77a1bd0e71f0930c832ac2ae5a121c38720c2a7dd83c6516bd4b44c11400cf08',4);
INSERT INTO "feed_bodies" VALUES('da659012cbfcea0fcf2bb720fcc4543b85a2e814103e0e5ee62c2b5e6cbc1c7f',6);
CREATE TABLE feed_days (
	feed TEXT NOT NULL, 
	day DATE NOT NULL, 
	health VARCHAR(16) NOT NULL, 
	reason TEXT NOT NULL, 
	tries INTEGER NOT NULL, 
	next_try_at DATETIME, 
	repaired TEXT, 
	error TEXT, 
	CONSTRAINT pk_feed_days PRIMARY KEY (feed, day)
);
INSERT INTO "feed_days" VALUES('cs.CL','2026-02-10','fresh','',0,NULL,NULL,NULL);
INSERT INTO "feed_days" VALUES('cs.CL','2026-02-17','fresh','',0,NULL,NULL,NULL);
INSERT INTO "feed_days" VALUES('cs.LG','2026-02-17','fresh','',0,NULL,NULL,NULL);
INSERT INTO "feed_days" VALUES('cs.CL','2026-02-18','fresh','',0,NULL,NULL,NULL);
INSERT INTO "feed_days" VALUES('cs.CL','2026-02-19','missing','no feed of that day was fetched',0,'2026-02-23 17:34:00.000000',NULL,'the API knows no papers of that day yet, asked 2 of 5 times; picks fetch --day 2026-02-19 asks again');
INSERT INTO "feed_days" VALUES('cs.CL','2026-02-20','missing','no feed of that day was fetched',0,NULL,'2 found in the API, 2 of them new',NULL);
INSERT INTO "feed_days" VALUES('cs.LG','2026-02-20','missing','no feed of that day was fetched',0,NULL,NULL,'the API knows no papers of that day yet, asked 5 of 5 times; picks fetch --day 2026-02-20 asks again');
INSERT INTO "feed_days" VALUES('cs.LG','2026-02-18','missing','no feed of that day was fetched',1,'2026-02-23 18:17:00.000000',NULL,'http://127.0.0.1:8000/api/query?search_query=cat%3Acs.LG+AND+submittedDate%3A%5B202602121900+TO+202602171900%5D&start=0&max_results=50&sortBy=submittedDate&sortOrder=ascending answers HTTP 503 Service Unavailable; try again later');
INSERT INTO "feed_days" VALUES('cs.LG','2026-02-11','empty','no papers, though arXiv should announce some on Wednesday 2026-02-11',0,NULL,'0 found in the API, as in the feed',NULL);
CREATE TABLE feeds (
	feed VARCHAR NOT NULL, 
	etag TEXT, 
	polled_at DATETIME, 
	next_poll_at DATETIME, 
	last_day DATE, 
	failures INTEGER NOT NULL, 
	error TEXT, 
	CONSTRAINT pk_feeds PRIMARY KEY (feed)
);
INSERT INTO "feeds" VALUES('cs.CL','24875fdd8b82038afaa9f7b1931af39e','2026-02-17 13:00:00.000000','2026-02-17 13:05:00.000000','2026-02-17',1,'http://127.0.0.1:8000/rss/cs.CL answers HTTP 503 Service Unavailable; try again later');
INSERT INTO "feeds" VALUES('cs.LG','1b1dd2f3921078dbd659530c5a44db5d','2026-02-17 13:00:00.000000','2026-02-17 13:05:00.000000','2026-02-17',1,'http://127.0.0.1:8000/rss/cs.LG answers HTTP 503 Service Unavailable; try again later');
CREATE TABLE heartbeats (
	worker VARCHAR(100) NOT NULL, 
	started_at DATETIME NOT NULL, 
	beat_at DATETIME NOT NULL, 
	stopped_at DATETIME, 
	failing TEXT NOT NULL, 
	CONSTRAINT pk_heartbeats PRIMARY KEY (worker)
);
INSERT INTO "heartbeats" VALUES('worker-1','2026-02-17 12:00:00.000000','2026-02-23 18:00:00.000000',NULL,'learn');
CREATE TABLE known_picks (
	channel VARCHAR(40) NOT NULL, 
	arxiv_id VARCHAR(32) NOT NULL, 
	title TEXT NOT NULL, 
	day DATE, 
	imported_at DATETIME NOT NULL, 
	CONSTRAINT pk_known_picks PRIMARY KEY (channel, arxiv_id)
);
INSERT INTO "known_picks" VALUES('sample','2401.00001','A Pick of Long Ago','2024-01-02','2026-02-20 04:00:00.000000');
INSERT INTO "known_picks" VALUES('sample','2602.00301','',NULL,'2026-02-20 04:00:00.000000');
CREATE TABLE lessons (
	channel VARCHAR(40) NOT NULL, 
	decision_id INTEGER NOT NULL, 
	known_picks INTEGER NOT NULL, 
	tried_at DATETIME, 
	claimed_by VARCHAR(100), 
	lease_until DATETIME, 
	error TEXT, 
	CONSTRAINT pk_lessons PRIMARY KEY (channel)
);
INSERT INTO "lessons" VALUES('sample',0,0,'2026-02-21 04:00:00.000000',NULL,NULL,'learning needs scikit-learn, which is not installed: pip install scikit-learn');
INSERT INTO "lessons" VALUES('other',0,0,NULL,NULL,NULL,NULL);
CREATE TABLE paper_texts (
	arxiv_id VARCHAR NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	text_day DATE NOT NULL, 
	title TEXT NOT NULL, 
	abstract TEXT NOT NULL, 
	authors JSON NOT NULL, 
	categories JSON NOT NULL, 
	license TEXT, 
	withdrawn BOOLEAN NOT NULL, 
	CONSTRAINT pk_paper_texts PRIMARY KEY (arxiv_id, digest), 
	CONSTRAINT fk_paper_texts_arxiv_id_papers FOREIGN KEY(arxiv_id) REFERENCES papers (arxiv_id)
);
INSERT INTO "paper_texts" VALUES('2602.00101','47ca0dca48131e38f33f5d6beaf809a774a6ba34e08059c69a74ac7d7b0c8f97',1,'2026-02-17','Probing paper number 101','An abstract.','["A. One", "B. Two"]','["cs.CL"]','http://creativecommons.org/licenses/by/4.0/',0);
CREATE TABLE papers (
	arxiv_id VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	abstract TEXT NOT NULL, 
	authors JSON NOT NULL, 
	categories JSON NOT NULL, 
	license TEXT, 
	announced DATE, 
	text_day DATE NOT NULL, 
	first_seen_at DATETIME NOT NULL, backfilled BOOLEAN DEFAULT 0 NOT NULL, withdrawn BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_papers PRIMARY KEY (arxiv_id)
);
INSERT INTO "papers" VALUES('2602.00001',1,'Probing what nobody decides about','An abstract.','["A. One", "B. Two"]','["cs.CL"]',NULL,'2026-02-10','2026-02-10','2026-02-10 12:00:00.000000',0,0);
INSERT INTO "papers" VALUES('2602.00002',1,'Steering held for later','An abstract.','["A. One", "B. Two"]','["cs.CL"]',NULL,'2026-02-10','2026-02-10','2026-02-10 12:00:00.000000',0,0);
INSERT INTO "papers" VALUES('2602.00101',2,'Probing paper number 101, revised','An abstract.','["A. One", "B. Two"]','["cs.CL"]',NULL,'2026-02-17','2026-02-18','2026-02-17 12:00:00.000000',0,0);
INSERT INTO "papers" VALUES('2602.00102',1,'Probing paper number 102','An abstract.','["A. One", "B. Two"]','["cs.CL"]','http://creativecommons.org/licenses/by/4.0/','2026-02-17','2026-02-17','2026-02-17 12:00:00.000000',0,0);
INSERT INTO "papers" VALUES('2602.00103',1,'Probing paper number 103','An abstract.','["A. One", "B. Two"]','["cs.CL"]','http://creativecommons.org/licenses/by/4.0/','2026-02-17','2026-02-17','2026-02-17 12:00:00.000000',0,0);
INSERT INTO "papers" VALUES('2602.00104',1,'Probing paper number 104','An abstract.','["A. One", "B. Two"]','["cs.CL"]','http://creativecommons.org/licenses/by/4.0/','2026-02-17','2026-02-17','2026-02-17 12:00:00.000000',0,0);
INSERT INTO "papers" VALUES('2602.00105',1,'Probing paper number 105','An abstract.','["A. One", "B. Two"]','["cs.CL"]','http://creativecommons.org/licenses/by/4.0/','2026-02-17','2026-02-17','2026-02-17 12:00:00.000000',0,0);
INSERT INTO "papers" VALUES('2602.00106',1,'Probing paper number 106','An abstract.','["A. One", "B. Two"]','["cs.CL"]','http://creativecommons.org/licenses/by/4.0/','2026-02-17','2026-02-17','2026-02-17 12:00:00.000000',0,0);
INSERT INTO "papers" VALUES('2602.00107',1,'Probing paper number 107','An abstract.','["A. One", "B. Two"]','["cs.CL"]','http://creativecommons.org/licenses/by/4.0/','2026-02-17','2026-02-17','2026-02-17 12:00:00.000000',0,0);
INSERT INTO "papers" VALUES('2602.00108',1,'Probing paper number 108','An abstract.','["A. One", "B. Two"]','["cs.CL"]','http://creativecommons.org/licenses/by/4.0/','2026-02-17','2026-02-17','2026-02-17 12:00:00.000000',0,0);
INSERT INTO "papers" VALUES('2602.00109',1,'Probing paper number 109','An abstract.','["A. One", "B. Two"]','["cs.CL"]','http://creativecommons.org/licenses/by/4.0/','2026-02-17','2026-02-17','2026-02-17 12:00:00.000000',0,0);
INSERT INTO "papers" VALUES('2602.00110',1,'Probing paper number 110','An abstract.','["A. One", "B. Two"]','["cs.CL"]','http://creativecommons.org/licenses/by/4.0/','2026-02-17','2026-02-17','2026-02-17 12:00:00.000000',0,0);
INSERT INTO "papers" VALUES('2602.00111',1,'Probing paper number 111','An abstract.','["A. One", "B. Two"]','["cs.CL"]','http://creativecommons.org/licenses/by/4.0/','2026-02-17','2026-02-17','2026-02-17 12:00:00.000000',0,0);
INSERT INTO "papers" VALUES('2602.00112',1,'Probing paper number 112','An abstract.','["A. One", "B. Two"]','["cs.CL"]','http://creativecommons.org/licenses/by/4.0/','2026-02-17','2026-02-17','2026-02-17 12:00:00.000000',0,0);
INSERT INTO "papers" VALUES('2602.00113',1,'Probing paper number 113','An abstract.','["A. One", "B. Two"]','["cs.CL"]','http://creativecommons.org/licenses/by/4.0/','2026-02-17','2026-02-17','2026-02-17 12:00:00.000000',0,0);
INSERT INTO "papers" VALUES('2602.00114',1,'Probing paper number 114','An abstract.','["A. One", "B. Two"]','["cs.CL"]','http://creativecommons.org/licenses/by/4.0/','2026-02-17','2026-02-17','2026-02-17 12:00:00.000000',0,0);
INSERT INTO "papers" VALUES('2602.00301',1,'Steering of Monday','An abstract.','["A. One", "B. Two"]','["cs.CL"]',NULL,'2026-02-18','2026-02-18','2026-02-18 12:00:00.000000',0,0);
INSERT INTO "papers" VALUES('2602.00401',1,'Probing found later','An abstract.','["A. One", "B. Two"]','["cs.CL"]',NULL,'2026-02-20','2026-02-20','2026-02-23 17:06:00.000000',1,0);
INSERT INTO "papers" VALUES('2602.00402',1,'Probing found later','An abstract.','["A. One", "B. Two"]','["cs.CL"]',NULL,'2026-02-20','2026-02-20','2026-02-23 17:06:00.000000',1,0);
CREATE TABLE picks (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	candidate_id INTEGER NOT NULL, 
	note TEXT NOT NULL, 
	thread_url TEXT, 
	code_url TEXT, 
	slot_at DATETIME, 
	approved_at DATETIME, 
	approved_by VARCHAR(100), 
	CONSTRAINT fk_picks_candidate_id_candidates FOREIGN KEY(candidate_id) REFERENCES candidates (id) ON DELETE CASCADE, 
	CONSTRAINT uq_picks_candidate_id UNIQUE (candidate_id)
);
INSERT INTO "picks" VALUES(1,3,'Why 2602.00101 is worth reading. Why 2602.00101 is worth reading. Why 2602.00101 is worth reading. Why 2602.00101 is worth reading. Why 2602.00101 is worth reading. Why 2602.00101 is worth reading. Why 2602.00101 is worth reading. Why 2602.00101 is worth reading.',NULL,NULL,'2026-02-17 14:00:00.000000','2026-02-17 14:00:00.000000','ada');
INSERT INTO "picks" VALUES(2,4,'Why 2602.00102 is worth reading. Why 2602.00102 is worth reading. Why 2602.00102 is worth reading. Why 2602.00102 is worth reading. Why 2602.00102 is worth reading. Why 2602.00102 is worth reading. Why 2602.00102 is worth reading. Why 2602.00102 is worth reading.',NULL,NULL,'2026-02-17 14:00:00.000000','2026-02-17 14:00:00.000000','ada');
INSERT INTO "picks" VALUES(3,6,'Why 2602.00104 is worth reading. Why 2602.00104 is worth reading. Why 2602.00104 is worth reading. Why 2602.00104 is worth reading. Why 2602.00104 is worth reading. Why 2602.00104 is worth reading. Why 2602.00104 is worth reading. Why 2602.00104 is worth reading.',NULL,NULL,'2026-02-17 14:00:00.000000','2026-02-17 14:00:00.000000','ada');
INSERT INTO "picks" VALUES(4,7,'Why 2602.00105 is worth reading. Why 2602.00105 is worth reading. Why 2602.00105 is worth reading. Why 2602.00105 is worth reading. Why 2602.00105 is worth reading. Why 2602.00105 is worth reading. Why 2602.00105 is worth reading. Why 2602.00105 is worth reading.',NULL,NULL,'2026-02-17 14:00:00.000000','2026-02-17 14:00:00.000000','ada');
INSERT INTO "picks" VALUES(5,8,'Why 2602.00110 is worth reading. Why 2602.00110 is worth reading. Why 2602.00110 is worth reading. Why 2602.00110 is worth reading. Why 2602.00110 is worth reading. Why 2602.00110 is worth reading. Why 2602.00110 is worth reading. Why 2602.00110 is worth reading.',NULL,NULL,'2026-02-17 20:00:00.000000','2026-02-17 20:00:00.000000','ada');
INSERT INTO "picks" VALUES(6,5,'Why 2602.00103 is worth reading. Why 2602.00103 is worth reading. Why 2602.00103 is worth reading. Why 2602.00103 is worth reading. Why 2602.00103 is worth reading. Why 2602.00103 is worth reading. Why 2602.00103 is worth reading. Why 2602.00103 is worth reading.',NULL,NULL,'2026-02-17 20:00:00.000000','2026-02-17 20:00:00.000000','ada');
INSERT INTO "picks" VALUES(7,9,'Why 2602.00106 is worth reading. Why 2602.00106 is worth reading. Why 2602.00106 is worth reading. Why 2602.00106 is worth reading. Why 2602.00106 is worth reading. Why 2602.00106 is worth reading. Why 2602.00106 is worth reading. Why 2602.00106 is worth reading.',NULL,NULL,'2026-02-17 20:00:00.000000','2026-02-17 20:00:00.000000','ada');
INSERT INTO "picks" VALUES(8,10,'Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading.',NULL,NULL,'2026-02-17 20:00:00.000000','2026-02-17 20:00:00.000000','ada');
INSERT INTO "picks" VALUES(9,11,'This one waits for its slot.',NULL,'https://example.org/code','2026-02-27 10:00:00.000000','2026-02-17 20:00:00.000000','ada');
INSERT INTO "picks" VALUES(10,13,'A draft.',NULL,NULL,NULL,NULL,NULL);
CREATE TABLE "posts" (
	id INTEGER NOT NULL, 
	delivery_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	content JSON NOT NULL, 
	price_usd NUMERIC(10, 4) NOT NULL, 
	remote_id TEXT, 
	cid VARCHAR(100), 
	url TEXT, 
	sent_at DATETIME, 
	removed_at DATETIME, 
	single BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_posts PRIMARY KEY (id), 
	CONSTRAINT fk_posts_delivery_id_deliveries FOREIGN KEY(delivery_id) REFERENCES deliveries (id) ON DELETE CASCADE, 
	CONSTRAINT uq_posts_delivery_id_single_position UNIQUE (delivery_id, single, position)
);
INSERT INTO "posts" VALUES(1,1,0,'{"text": "Probing paper number 101\n\nA. One, B. Two", "length": 40, "limit": 300, "facets": [], "card": {"url": "https://arxiv.org/abs/2602.00101", "title": "Probing paper number 101", "description": "An abstract."}, "quote": null, "langs": ["en"]}',0,'bluesky:1',NULL,'https://memory.test/bluesky:1','2026-02-17 14:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(2,1,1,'{"text": "Why 2602.00101 is worth reading. Why 2602.00101 is worth reading. Why 2602.00101 is worth reading. Why 2602.00101 is worth reading. Why 2602.00101 is worth reading. Why 2602.00101 is worth reading. Why 2602.00101 is worth reading. Why 2602.00101 is worth reading.", "length": 263, "limit": 300, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0,'bluesky:2',NULL,'https://memory.test/bluesky:2','2026-02-17 14:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(3,1,2,'{"text": "Paper: arxiv.org/abs/2602.00101", "length": 31, "limit": 300, "facets": [{"start": 7, "end": 31, "kind": "link", "value": "https://arxiv.org/abs/2602.00101"}], "card": null, "quote": null, "langs": ["en"]}',0,'bluesky:3',NULL,'https://memory.test/bluesky:3','2026-02-17 14:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(4,2,0,'{"text": "Probing paper number 101\n\nA. One, B. Two", "length": 40, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.015,'x:1',NULL,'https://memory.test/x:1','2026-02-17 14:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(5,2,1,'{"text": "Why 2602.00101 is worth reading. Why 2602.00101 is worth reading. Why 2602.00101 is worth reading. Why 2602.00101 is worth reading. Why 2602.00101 is worth reading. Why 2602.00101 is worth reading. Why 2602.00101 is worth reading. Why 2602.00101 is worth reading.", "length": 263, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.015,'x:2',NULL,'https://memory.test/x:2','2026-02-17 14:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(6,2,2,'{"text": "Paper: https://arxiv.org/abs/2602.00101", "length": 30, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.2,'x:3',NULL,'https://memory.test/x:3','2026-02-17 14:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(7,2,0,'{"text": "Probing paper number 101\n\nA. One, B. Two\n\nPaper: https://arxiv.org/abs/2602.00101", "length": 72, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.2,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "posts" VALUES(8,3,0,'{"text": "Probing paper number 102\n\nA. One, B. Two", "length": 40, "limit": 300, "facets": [], "card": {"url": "https://arxiv.org/abs/2602.00102", "title": "Probing paper number 102", "description": "An abstract."}, "quote": null, "langs": ["en"]}',0,'bluesky:4',NULL,'https://memory.test/bluesky:4','2026-02-17 14:00:00.000000','2026-02-17 20:00:00.000000',0);
INSERT INTO "posts" VALUES(9,3,1,'{"text": "Why 2602.00102 is worth reading. Why 2602.00102 is worth reading. Why 2602.00102 is worth reading. Why 2602.00102 is worth reading. Why 2602.00102 is worth reading. Why 2602.00102 is worth reading. Why 2602.00102 is worth reading. Why 2602.00102 is worth reading.", "length": 263, "limit": 300, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0,'bluesky:5',NULL,'https://memory.test/bluesky:5','2026-02-17 14:00:00.000000','2026-02-17 20:00:00.000000',0);
INSERT INTO "posts" VALUES(10,3,2,'{"text": "Paper: arxiv.org/abs/2602.00102", "length": 31, "limit": 300, "facets": [{"start": 7, "end": 31, "kind": "link", "value": "https://arxiv.org/abs/2602.00102"}], "card": null, "quote": null, "langs": ["en"]}',0,'bluesky:6',NULL,'https://memory.test/bluesky:6','2026-02-17 14:00:00.000000','2026-02-17 20:00:00.000000',0);
INSERT INTO "posts" VALUES(11,4,0,'{"text": "Probing paper number 102\n\nA. One, B. Two", "length": 40, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.015,'x:4',NULL,'https://memory.test/x:4','2026-02-17 14:00:00.000000','2026-02-17 20:00:00.000000',0);
INSERT INTO "posts" VALUES(12,4,1,'{"text": "Why 2602.00102 is worth reading. Why 2602.00102 is worth reading. Why 2602.00102 is worth reading. Why 2602.00102 is worth reading. Why 2602.00102 is worth reading. Why 2602.00102 is worth reading. Why 2602.00102 is worth reading. Why 2602.00102 is worth reading.", "length": 263, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.015,'x:5',NULL,'https://memory.test/x:5','2026-02-17 14:00:00.000000','2026-02-17 20:00:00.000000',0);
INSERT INTO "posts" VALUES(13,4,2,'{"text": "Paper: https://arxiv.org/abs/2602.00102", "length": 30, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.2,'x:6',NULL,'https://memory.test/x:6','2026-02-17 14:00:00.000000','2026-02-17 20:00:00.000000',0);
INSERT INTO "posts" VALUES(14,4,0,'{"text": "Probing paper number 102\n\nA. One, B. Two\n\nPaper: https://arxiv.org/abs/2602.00102", "length": 72, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.2,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "posts" VALUES(15,5,0,'{"text": "Probing paper number 104\n\nA. One, B. Two", "length": 40, "limit": 300, "facets": [], "card": {"url": "https://arxiv.org/abs/2602.00104", "title": "Probing paper number 104", "description": "An abstract."}, "quote": null, "langs": ["en"]}',0,'bluesky:7',NULL,'https://memory.test/bluesky:7','2026-02-17 14:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(16,5,1,'{"text": "Why 2602.00104 is worth reading. Why 2602.00104 is worth reading. Why 2602.00104 is worth reading. Why 2602.00104 is worth reading. Why 2602.00104 is worth reading. Why 2602.00104 is worth reading. Why 2602.00104 is worth reading. Why 2602.00104 is worth reading.", "length": 263, "limit": 300, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0,'bluesky:8',NULL,'https://memory.test/bluesky:8','2026-02-17 14:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(17,5,2,'{"text": "Paper: arxiv.org/abs/2602.00104", "length": 31, "limit": 300, "facets": [{"start": 7, "end": 31, "kind": "link", "value": "https://arxiv.org/abs/2602.00104"}], "card": null, "quote": null, "langs": ["en"]}',0,'bluesky:9',NULL,'https://memory.test/bluesky:9','2026-02-17 14:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(18,6,0,'{"text": "Probing paper number 104\n\nA. One, B. Two", "length": 40, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.015,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(19,6,1,'{"text": "Why 2602.00104 is worth reading. Why 2602.00104 is worth reading. Why 2602.00104 is worth reading. Why 2602.00104 is worth reading. Why 2602.00104 is worth reading. Why 2602.00104 is worth reading. Why 2602.00104 is worth reading. Why 2602.00104 is worth reading.", "length": 263, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.015,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(20,6,2,'{"text": "Paper: https://arxiv.org/abs/2602.00104", "length": 30, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.2,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(21,6,0,'{"text": "Probing paper number 104\n\nA. One, B. Two\n\nPaper: https://arxiv.org/abs/2602.00104", "length": 72, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.2,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "posts" VALUES(22,7,0,'{"text": "Probing paper number 105\n\nA. One, B. Two", "length": 40, "limit": 300, "facets": [], "card": {"url": "https://arxiv.org/abs/2602.00105", "title": "Probing paper number 105", "description": "An abstract."}, "quote": null, "langs": ["en"]}',0,'bluesky:10',NULL,'https://memory.test/bluesky:10','2026-02-17 14:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(23,7,1,'{"text": "Why 2602.00105 is worth reading. Why 2602.00105 is worth reading. Why 2602.00105 is worth reading. Why 2602.00105 is worth reading. Why 2602.00105 is worth reading. Why 2602.00105 is worth reading. Why 2602.00105 is worth reading. Why 2602.00105 is worth reading.", "length": 263, "limit": 300, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0,'bluesky:11',NULL,'https://memory.test/bluesky:11','2026-02-17 14:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(24,7,2,'{"text": "Paper: arxiv.org/abs/2602.00105", "length": 31, "limit": 300, "facets": [{"start": 7, "end": 31, "kind": "link", "value": "https://arxiv.org/abs/2602.00105"}], "card": null, "quote": null, "langs": ["en"]}',0,'bluesky:12',NULL,'https://memory.test/bluesky:12','2026-02-17 14:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(25,8,0,'{"text": "Probing paper number 105\n\nA. One, B. Two", "length": 40, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.015,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(26,8,1,'{"text": "Why 2602.00105 is worth reading. Why 2602.00105 is worth reading. Why 2602.00105 is worth reading. Why 2602.00105 is worth reading. Why 2602.00105 is worth reading. Why 2602.00105 is worth reading. Why 2602.00105 is worth reading. Why 2602.00105 is worth reading.", "length": 263, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.015,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(27,8,2,'{"text": "Paper: https://arxiv.org/abs/2602.00105", "length": 30, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.2,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(28,8,0,'{"text": "Probing paper number 105\n\nA. One, B. Two\n\nPaper: https://arxiv.org/abs/2602.00105", "length": 72, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.2,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "posts" VALUES(29,9,0,'{"text": "Probing paper number 110\n\nA. One, B. Two", "length": 40, "limit": 300, "facets": [], "card": {"url": "https://arxiv.org/abs/2602.00110", "title": "Probing paper number 110", "description": "An abstract."}, "quote": null, "langs": ["en"]}',0,'bluesky:13',NULL,'https://memory.test/bluesky:13','2026-02-17 20:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(30,9,1,'{"text": "Why 2602.00110 is worth reading. Why 2602.00110 is worth reading. Why 2602.00110 is worth reading. Why 2602.00110 is worth reading. Why 2602.00110 is worth reading. Why 2602.00110 is worth reading. Why 2602.00110 is worth reading. Why 2602.00110 is worth reading.", "length": 263, "limit": 300, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0,'bluesky:14',NULL,'https://memory.test/bluesky:14','2026-02-17 20:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(31,9,2,'{"text": "Paper: arxiv.org/abs/2602.00110", "length": 31, "limit": 300, "facets": [{"start": 7, "end": 31, "kind": "link", "value": "https://arxiv.org/abs/2602.00110"}], "card": null, "quote": null, "langs": ["en"]}',0,'bluesky:15',NULL,'https://memory.test/bluesky:15','2026-02-17 20:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(32,10,0,'{"text": "Probing paper number 110\n\nA. One, B. Two", "length": 40, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.015,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(33,10,1,'{"text": "Why 2602.00110 is worth reading. Why 2602.00110 is worth reading. Why 2602.00110 is worth reading. Why 2602.00110 is worth reading. Why 2602.00110 is worth reading. Why 2602.00110 is worth reading. Why 2602.00110 is worth reading. Why 2602.00110 is worth reading.", "length": 263, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.015,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(34,10,2,'{"text": "Paper: https://arxiv.org/abs/2602.00110", "length": 30, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.2,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(35,10,0,'{"text": "Probing paper number 110\n\nA. One, B. Two\n\nPaper: https://arxiv.org/abs/2602.00110", "length": 72, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.2,'x:9',NULL,'https://memory.test/x:9','2026-02-17 20:00:00.000000',NULL,1);
INSERT INTO "posts" VALUES(36,11,0,'{"text": "Probing paper number 103\n\nA. One, B. Two", "length": 40, "limit": 300, "facets": [], "card": {"url": "https://arxiv.org/abs/2602.00103", "title": "Probing paper number 103", "description": "An abstract."}, "quote": null, "langs": ["en"]}',0,'bluesky:16',NULL,'https://memory.test/bluesky:16','2026-02-17 20:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(37,11,1,'{"text": "Why 2602.00103 is worth reading. Why 2602.00103 is worth reading. Why 2602.00103 is worth reading. Why 2602.00103 is worth reading. Why 2602.00103 is worth reading. Why 2602.00103 is worth reading. Why 2602.00103 is worth reading. Why 2602.00103 is worth reading.", "length": 263, "limit": 300, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0,'bluesky:17',NULL,'https://memory.test/bluesky:17','2026-02-17 20:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(38,11,2,'{"text": "Paper: arxiv.org/abs/2602.00103", "length": 31, "limit": 300, "facets": [{"start": 7, "end": 31, "kind": "link", "value": "https://arxiv.org/abs/2602.00103"}], "card": null, "quote": null, "langs": ["en"]}',0,'bluesky:18',NULL,'https://memory.test/bluesky:18','2026-02-17 20:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(39,12,0,'{"text": "Probing paper number 103\n\nA. One, B. Two", "length": 40, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.015,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(40,12,1,'{"text": "Why 2602.00103 is worth reading. Why 2602.00103 is worth reading. Why 2602.00103 is worth reading. Why 2602.00103 is worth reading. Why 2602.00103 is worth reading. Why 2602.00103 is worth reading. Why 2602.00103 is worth reading. Why 2602.00103 is worth reading.", "length": 263, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.015,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(41,12,2,'{"text": "Paper: https://arxiv.org/abs/2602.00103", "length": 30, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.2,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(42,12,0,'{"text": "Probing paper number 103\n\nA. One, B. Two\n\nPaper: https://arxiv.org/abs/2602.00103", "length": 72, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.2,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "posts" VALUES(43,13,0,'{"text": "Probing paper number 106\n\nA. One, B. Two", "length": 40, "limit": 300, "facets": [], "card": {"url": "https://arxiv.org/abs/2602.00106", "title": "Probing paper number 106", "description": "An abstract."}, "quote": null, "langs": ["en"]}',0,'bluesky:19',NULL,'https://memory.test/bluesky:19','2026-02-17 20:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(44,13,1,'{"text": "Why 2602.00106 is worth reading. Why 2602.00106 is worth reading. Why 2602.00106 is worth reading. Why 2602.00106 is worth reading. Why 2602.00106 is worth reading. Why 2602.00106 is worth reading. Why 2602.00106 is worth reading. Why 2602.00106 is worth reading.", "length": 263, "limit": 300, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0,'bluesky:20',NULL,'https://memory.test/bluesky:20','2026-02-17 20:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(45,13,2,'{"text": "Paper: arxiv.org/abs/2602.00106", "length": 31, "limit": 300, "facets": [{"start": 7, "end": 31, "kind": "link", "value": "https://arxiv.org/abs/2602.00106"}], "card": null, "quote": null, "langs": ["en"]}',0,'bluesky:21',NULL,'https://memory.test/bluesky:21','2026-02-17 20:00:00.000000',NULL,0);
INSERT INTO "posts" VALUES(46,14,0,'{"text": "Probing paper number 106\n\nA. One, B. Two", "length": 40, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.015,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(47,14,1,'{"text": "Why 2602.00106 is worth reading. Why 2602.00106 is worth reading. Why 2602.00106 is worth reading. Why 2602.00106 is worth reading. Why 2602.00106 is worth reading. Why 2602.00106 is worth reading. Why 2602.00106 is worth reading. Why 2602.00106 is worth reading.", "length": 263, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.015,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(48,14,2,'{"text": "Paper: https://arxiv.org/abs/2602.00106", "length": 30, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.2,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(49,14,0,'{"text": "Probing paper number 106\n\nA. One, B. Two\n\nPaper: https://arxiv.org/abs/2602.00106", "length": 72, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.2,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "posts" VALUES(50,15,0,'{"text": "Probing paper number 111\n\nA. One, B. Two", "length": 40, "limit": 300, "facets": [], "card": {"url": "https://arxiv.org/abs/2602.00111", "title": "Probing paper number 111", "description": "An abstract."}, "quote": null, "langs": ["en"]}',0,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(51,15,1,'{"text": "Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading.", "length": 263, "limit": 300, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(52,15,2,'{"text": "Paper: arxiv.org/abs/2602.00111", "length": 31, "limit": 300, "facets": [{"start": 7, "end": 31, "kind": "link", "value": "https://arxiv.org/abs/2602.00111"}], "card": null, "quote": null, "langs": ["en"]}',0,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(53,16,0,'{"text": "Probing paper number 111\n\nA. One, B. Two", "length": 40, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.015,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(54,16,1,'{"text": "Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading. Why 2602.00111 is worth reading.", "length": 263, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.015,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(55,16,2,'{"text": "Paper: https://arxiv.org/abs/2602.00111", "length": 30, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.2,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(56,16,0,'{"text": "Probing paper number 111\n\nA. One, B. Two\n\nPaper: https://arxiv.org/abs/2602.00111", "length": 72, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.2,NULL,NULL,NULL,NULL,NULL,1);
INSERT INTO "posts" VALUES(57,17,0,'{"text": "Probing paper number 107\n\nA. One, B. Two", "length": 40, "limit": 300, "facets": [], "card": {"url": "https://arxiv.org/abs/2602.00107", "title": "Probing paper number 107", "description": "An abstract."}, "quote": null, "langs": ["en"]}',0,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(58,17,1,'{"text": "This one waits for its slot.", "length": 28, "limit": 300, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(59,17,2,'{"text": "Paper: arxiv.org/abs/2602.00107\nCode: example.org/code", "length": 54, "limit": 300, "facets": [{"start": 7, "end": 31, "kind": "link", "value": "https://arxiv.org/abs/2602.00107"}, {"start": 38, "end": 54, "kind": "link", "value": "https://example.org/code"}], "card": null, "quote": null, "langs": ["en"]}',0,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(60,18,0,'{"text": "Probing paper number 107\n\nA. One, B. Two", "length": 40, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.015,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(61,18,1,'{"text": "This one waits for its slot.", "length": 28, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.015,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(62,18,2,'{"text": "Paper: https://arxiv.org/abs/2602.00107\nCode: https://example.org/code", "length": 60, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.2,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "posts" VALUES(63,18,0,'{"text": "Probing paper number 107\n\nA. One, B. Two\n\nThis one waits for its slot.\n\nPaper: https://arxiv.org/abs/2602.00107\nCode: https://example.org/code", "length": 132, "limit": 280, "facets": [], "card": null, "quote": null, "langs": ["en"]}',0.2,NULL,NULL,NULL,NULL,NULL,1);
CREATE TABLE ranked_days (
	channel VARCHAR(40) NOT NULL, 
	day DATE NOT NULL, 
	batches INTEGER NOT NULL, weights VARCHAR(64) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_ranked_days PRIMARY KEY (channel, day)
);
INSERT INTO "ranked_days" VALUES('sample','2026-02-10',1,'923e03f1f7637536aebc314e37a6a9a40c854d3c17862c32d490f4603fca1d2d');
INSERT INTO "ranked_days" VALUES('sample','2026-02-17',2,'923e03f1f7637536aebc314e37a6a9a40c854d3c17862c32d490f4603fca1d2d');
INSERT INTO "ranked_days" VALUES('sample','2026-02-18',1,'923e03f1f7637536aebc314e37a6a9a40c854d3c17862c32d490f4603fca1d2d');
INSERT INTO "ranked_days" VALUES('sample','2026-02-20',1,'923e03f1f7637536aebc314e37a6a9a40c854d3c17862c32d490f4603fca1d2d');
INSERT INTO "ranked_days" VALUES('sample','2026-02-11',1,'923e03f1f7637536aebc314e37a6a9a40c854d3c17862c32d490f4603fca1d2d');
CREATE TABLE turns (
	service VARCHAR(40) NOT NULL, 
	free_at DATETIME NOT NULL, 
	CONSTRAINT pk_turns PRIMARY KEY (service)
);
INSERT INTO "turns" VALUES('arxiv-api','2026-02-23 20:02:09.000000');
CREATE TABLE weights (
	channel VARCHAR(40) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	trained_at DATETIME NOT NULL, 
	trained_until DATE NOT NULL, 
	content TEXT NOT NULL, 
	base TEXT, 
	CONSTRAINT pk_weights PRIMARY KEY (channel)
);
INSERT INTO "weights" VALUES('sample','923e03f1f7637536aebc314e37a6a9a40c854d3c17862c32d490f4603fca1d2d','2026-02-20 03:00:00.000000','2026-01-31','{
"digest":"923e03f1f7637536aebc314e37a6a9a40c854d3c17862c32d490f4603fca1d2d",
"model":{
"authors":{},
"calibration":{
"above":0.4,
"authors":0.5,
"bias":-6.0,
"knee":-3.0,
"papers":43,
"positives":3,
"words":0.25
},
"created":"2026-02-01",
"data":{
"approved":0,
"expired":0,
"pick":3,
"rejected":0,
"related":0,
"unlabelled":40
},
"decisions":[],
"features":1,
"format":1,
"trained_until":"2026-01-31",
"weights":{
"circuits":1.5,
"probing":0.75,
"t:probing":0.5
}
}
}
','{
"digest":"923e03f1f7637536aebc314e37a6a9a40c854d3c17862c32d490f4603fca1d2d",
"model":{
"authors":{},
"calibration":{
"above":0.4,
"authors":0.5,
"bias":-6.0,
"knee":-3.0,
"papers":43,
"positives":3,
"words":0.25
},
"created":"2026-02-01",
"data":{
"approved":0,
"expired":0,
"pick":3,
"rejected":0,
"related":0,
"unlabelled":40
},
"decisions":[],
"features":1,
"format":1,
"trained_until":"2026-01-31",
"weights":{
"circuits":1.5,
"probing":0.75,
"t:probing":0.5
}
}
}
');
CREATE INDEX ix_batches_day ON batches (day);
CREATE INDEX ix_papers_announced ON papers (announced);
CREATE INDEX ix_announcements_arxiv_id ON announcements (arxiv_id);
CREATE INDEX ix_candidates_arxiv_id ON candidates (arxiv_id);
CREATE INDEX ix_candidates_channel_state ON candidates (channel, state);
CREATE INDEX ix_decisions_candidate_id ON decisions (candidate_id);
CREATE INDEX ix_picks_candidate_id ON picks (candidate_id);
CREATE INDEX ix_picks_slot_at ON picks (slot_at);
CREATE INDEX ix_deliveries_pick_id ON deliveries (pick_id);
CREATE INDEX ix_deliveries_state_due_at ON deliveries (state, due_at);
CREATE INDEX ix_posts_delivery_id ON posts (delivery_id);
CREATE INDEX ix_feed_bodies_batch_id ON feed_bodies (batch_id);
CREATE INDEX ix_feed_days_next_try_at ON feed_days (next_try_at);
CREATE INDEX ix_announcements_fingerprint ON announcements (fingerprint);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('candidates',16);
INSERT INTO "sqlite_sequence" VALUES('picks',10);
INSERT INTO "sqlite_sequence" VALUES('deliveries',18);
COMMIT;
