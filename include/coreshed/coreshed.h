#pragma once

/// Everything a program needs: `#include <coreshed/coreshed.h>`.
#include <coreshed/content.h>
#include <coreshed/data.h>
#include <coreshed/error.h>
#include <coreshed/log.h>
#include <coreshed/options.h>
#include <coreshed/sources.h>
#include <coreshed/store.h>
#include <coreshed/types.h>
#include <coreshed/upload.h>
#include <coreshed/validation.h>
