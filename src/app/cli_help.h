// SPDX-License-Identifier: Apache-2.0
//
// What --help says. It is read by people who have nothing else: it teaches, with an example for each command.
#pragma once

namespace amb {

extern const char* const kHelpDescription;
extern const char* const kHelpFooter;

extern const char* const kHelpStatus;
extern const char* const kHelpRewire;
extern const char* const kHelpReload;
extern const char* const kHelpDrain;
extern const char* const kHelpResume;
extern const char* const kHelpWait;
extern const char* const kHelpHealthcheck;
extern const char* const kHelpSessions;
extern const char* const kHelpWhy;
extern const char* const kHelpEvents;
extern const char* const kHelpCheck;

}  // namespace amb
