/* SPDX-License-Identifier: MIT */
/* The measurements of a stress test as a picture (SVG). */
#include <stdlib.h>

#include "doctor.h"
#include "failure.h"

/* Units of the picture. */
#define WIDTH  720.0
#define HEIGHT 240.0
#define LEFT   70.0
#define TOP    30.0
#define LOW    100.0 /* height of the panel of failures */

struct plot {
	FILE *out;
	double left, step, scale; /* x of the first bar, of each, y per us */
	double bottom;
};

static void line(const struct plot *plot, double us, const char *color,
		 const char *label)
{
	double y = plot->bottom - us * plot->scale;

	fprintf(plot->out,
		"<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" "
		"stroke=\"%s\" stroke-dasharray=\"4 3\"/>\n"
		"<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\">%s %.0f ms</text>\n",
		LEFT, LEFT + WIDTH, y, y, color, LEFT + 4, y - 3, color, label,
		us / 1000);
}

static void bars(const struct plot *plot, const struct s0_stress *stress,
		 bool erase, double most)
{
	for (size_t i = 0; i < stress->count; i++) {
		const struct s0_stress_round *r = &stress->rounds[i];
		double us = (double)(erase ? r->erase_us : r->program_us);
		bool bad = r->unchanged || r->left || r->high || r->low ||
			   r->unstable || (most > 0 && us > most);

		fprintf(plot->out,
			"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
			"height=\"%.1f\" fill=\"%s\"><title>0x%08x round %u: "
			"%.1f ms</title></rect>\n",
			LEFT + (double)i * plot->step,
			plot->bottom - us * plot->scale, plot->step * 0.8,
			us * plot->scale, bad ? "#c0392b" : "#2e86c1",
			(unsigned)r->address, r->number + 1, us / 1000);
	}
}

static double highest(const struct s0_stress *stress, bool erase, double us)
{
	for (size_t i = 0; i < stress->count; i++) {
		double own = (double)(erase ? stress->rounds[i].erase_us
					    : stress->rounds[i].program_us);

		us = own > us ? own : us;
	}
	return us > 0 ? us : 1;
}

static void panel(FILE *out, const struct s0_stress *stress, bool erase,
		  double top, double typical, double most)
{
	double above = highest(stress, erase, most > 0 ? most : typical);
	struct plot plot = {
		.out = out,
		.step = WIDTH / (double)(stress->count ? stress->count : 1),
		.scale = HEIGHT / (above * 1.1),
		.bottom = top + HEIGHT
	};

	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\">%s, each round</text>\n",
		LEFT, top - 8,
		erase ? "erase time of a sector" : "program time of a sector");
	bars(&plot, stress, erase, most);
	line(&plot, 0, "#888", "");
	line(&plot, typical, "#1e8449", "typical");
	if (most > 0)
		line(&plot, most, "#c0392b", "maximum");
}

/* Of its tries under each load, how many failed. */
static void failures(FILE *out, const struct s0_stress *stress, double top)
{
	static const char *const names[] = { "plain reads", "single words",
					     "bursts", "erases",
					     "bursts after erases" };

	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\">failures by load</text>\n",
		LEFT, top - 8);
	for (unsigned i = 0; i < S0_LOADS; i++) {
		const struct s0_stress_load *l = &stress->loads[i];
		unsigned failed = doctor_failures(l);
		double rate = l->tries ? (double)failed / l->tries : 0;
		double x = LEFT + i * WIDTH / S0_LOADS;

		fprintf(out,
			"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
			"height=\"%.1f\" fill=\"#c0392b\"/>\n"
			"<text x=\"%.1f\" y=\"%.1f\">%s %u/%u</text>\n",
			x, top + (1 - rate) * LOW, 0.7 * WIDTH / S0_LOADS,
			rate * LOW, x, top + LOW + 14, names[i], failed,
			(unsigned)l->tries);
	}
}

static void draw(FILE *out, const struct s0_stress *stress,
		 const struct s0_device_info *info)
{
	uint32_t length = stress->count ? stress->rounds[0].length : 0;
	const struct s0_erase_time *times =
		s0_timing_erase(&info->chip->timing, length);

	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
		"height=\"%.0f\" font-family=\"sans-serif\" "
		"font-size=\"11\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
		LEFT + WIDTH + 20, 2 * (HEIGHT + 50) + TOP + LOW + 20);
	panel(out, stress, true, TOP, times->typical_us, times->max_us);
	panel(out, stress, false, TOP + HEIGHT + 50,
	      (double)length / info->chip->flash_word *
		      info->chip->timing.word_us,
	      0);
	failures(out, stress, TOP + 2 * (HEIGHT + 50));
	fprintf(out, "</svg>\n");
}

s0_code doctor_plot(struct output *output, const struct s0_stress *stress,
		    const struct s0_device_info *info, struct s0_error *err)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	s0_code code = S0_OK;

	if (!out)
		return fail_memory(err);
	draw(out, stress, info);
	if (fclose(out) != 0) {
		free(text);
		return fail_memory(err);
	}
	if (!os_write(output, text, size))
		code = os_fail_output(output, err);
	free(text);
	return code;
}
