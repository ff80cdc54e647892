// Everything here is an addition: each page is plain HTML that works without it.
import { startTheme } from "./theme.js";
import { startCopying } from "./copy.js";
import { startForms } from "./forms.js";
import { startKeys } from "./keys.js";
import { startLater } from "./later.js";
import { startLive } from "./live.js";
import { startLogs } from "./logs.js";
import { startRows } from "./rows.js";

startTheme();
startRows();
startLive();
startLater();
startForms();
startCopying();
startLogs();
startKeys();
