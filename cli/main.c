/* SPDX-License-Identifier: MIT */
#include "app.h"

int main(int argc, char **argv)
{
	struct app app = { 0 };

	os_prepare();
	os_catch_signals();
	return app_run(&app, argc, argv);
}
