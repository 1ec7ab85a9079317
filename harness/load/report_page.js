"use strict";
// Draws the charts of a load report from the data that stands in the page.
(() => {
	const data = JSON.parse(document.getElementById("data").textContent);
	const palettes = {
		light: { text: "#1c2330", soft: "#5d6778", line: "#d5dae2", shade: "rgba(93,103,120,.12)", p50: "#7aa5e8", p90: "#2f6fd0",
			p99: "#173f86", max: "#8b93a1", service: "#c2570c", good: "#12703f", bad: "#b3261e" },
		dark: { text: "#e4e8ee", soft: "#9aa5b5", line: "#323a47", shade: "rgba(154,165,181,.14)", p50: "#4d76b8", p90: "#7fadf5",
			p99: "#d3e3ff", max: "#7d8796", service: "#f2a25c", good: "#5ccb8f", bad: "#ff8a80" },
	};
	const last = data.second.at(-1) ?? 0;
	const inTheDark = matchMedia("(prefers-color-scheme: dark)");
	let charts = [];
	let colours = palettes.light;

	const span = (ms) => (ms === 0 ? "0" : ms < 1 ? `${+(ms * 1000).toPrecision(3)} us` : ms < 1000 ? `${+ms.toPrecision(3)} ms` : `${+(ms / 1000).toPrecision(3)} s`);
	const clock = (second) => {
		if (last < 120) return `${second} s`;
		const [hours, minutes, seconds] = [Math.floor(second / 3600), Math.floor(second / 60) % 60, Math.floor(second % 60)];
		const two = (value) => String(value).padStart(2, "0");
		return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
	};
	const few = (value) => [1, 2, 5].includes(Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9)));
	const over = (values) => values.map((y, at) => ({ x: data.second[at], y }));

	/** What was measured nowhere is shaded. */
	const warmup = {
		id: "warmup",
		beforeDatasetsDraw({ ctx, chartArea, scales }) {
			if (!(data.warmup_s > 0) || scales.x.type !== "linear") return;
			const end = Math.min(scales.x.getPixelForValue(data.warmup_s), chartArea.right);
			ctx.save();
			ctx.fillStyle = colours.shade;
			ctx.fillRect(chartArea.left, chartArea.top, end - chartArea.left, chartArea.height);
			ctx.restore();
		},
	};

	/** The highest rate that held, and the lowest that failed. */
	const knee = {
		id: "knee",
		afterDatasetsDraw({ ctx, chartArea, scales }) {
			const mark = (rate, colour, dash, words, side) => {
				if (rate === null) return;
				const x = scales.x.getPixelForValue(rate);
				ctx.save();
				ctx.strokeStyle = ctx.fillStyle = colour;
				ctx.setLineDash(dash);
				ctx.beginPath();
				ctx.moveTo(x, chartArea.top);
				ctx.lineTo(x, chartArea.bottom);
				ctx.stroke();
				ctx.textAlign = side;
				ctx.fillText(words, x + (side === "right" ? -5 : 5), chartArea.top + 12);
				ctx.restore();
			};
			mark(data.search.held, colours.good, [], `${data.search.held}/s held`, "right");
			mark(data.search.failed, colours.bad, [4, 3], `${data.search.failed}/s failed`, "left");
		},
	};

	const line = (label, values, colour, more = {}) => ({
		label, data: over(values), borderColor: colour, backgroundColor: colour, borderWidth: 1.75, pointRadius: values.length > 1 ? 0 : 3,
		pointHitRadius: 8, spanGaps: false, ...more,
	});

	const axis = (more = {}) => ({
		grid: { color: colours.line, borderColor: colours.line }, ...more,
		ticks: { color: colours.soft, maxRotation: 0, autoSkipPadding: 12, ...more.ticks },
		title: { display: Boolean(more.name), text: more.name, color: colours.soft },
	});
	const time = () => axis({ type: "linear", min: 0, max: Math.max(1, last), ticks: { callback: clock } });
	const logarithmic = (more = {}) => axis({ type: "logarithmic", ...more, ticks: { callback: (value) => (few(value) ? span(value) : null), ...more.ticks } });
	const plain = (more = {}) => axis({ beginAtZero: true, ...more });
	const counted = (more = {}) => plain({ ...more, ticks: { precision: 0 } });

	const drawn = {
		latency: () => ({
			type: "line",
			data: { datasets: [
				line("response p50", data.response.p50, colours.p50),
				line("response p90", data.response.p90, colours.p90),
				line("response p99", data.response.p99, colours.p99, { borderWidth: 2.25 }),
				line("response max", data.response.max, colours.max, { borderDash: [2, 3] }),
				line("service p99", data.service.p99, colours.service, { borderDash: [6, 3] }),
			] },
			x: time(), y: logarithmic(), shown: span,
		}),
		rate: () => ({
			type: "line",
			data: { datasets: [
				line("planned", data.planned, colours.max, { stepped: true, borderDash: [4, 3] }),
				line("started", data.started, colours.p90),
				line("finished", data.finished, colours.good),
			] },
			x: time(), y: plain({ name: "calls per second" }),
		}),
		lag: () => ({
			type: "line",
			data: { datasets: [
				line("p50", data.send_lag.p50, colours.p50),
				line("p99", data.send_lag.p99, colours.p99),
				line("max", data.send_lag.max, colours.max, { borderDash: [2, 3] }),
			] },
			x: time(), y: plain({ ticks: { callback: span } }), shown: span,
		}),
		flight: () => ({
			type: "line",
			data: { datasets: [line("calls in flight", data.in_flight, colours.p90, { fill: true, backgroundColor: colours.shade })] },
			x: time(), y: counted(),
		}),
		errors: () => ({
			type: "line",
			data: { datasets: [
				line("errors of callbacks", data.errors, colours.bad, { stepped: true }),
				line("failed calls", data.failed, colours.service, { stepped: true, borderDash: [6, 3] }),
				line("dropped calls", data.dropped, colours.max, { stepped: true, borderDash: [2, 3] }),
			] },
			x: time(), y: counted({ name: "per second" }),
		}),
		distribution: () => {
			const of = (name, colour, more) => ({
				label: name, data: (data.distribution[name] ?? []).map((y, at) => ({ x: data.distribution.middle_ms[at], y })), borderColor: colour,
				backgroundColor: colours.shade, borderWidth: 1.75, pointRadius: 0, pointHitRadius: 8, stepped: "middle", fill: true, ...more,
			});
			return {
				type: "line",
				data: { datasets: [of("response", colours.p90), of("service", colours.service, { borderDash: [6, 3], fill: false })]
					.filter(({ data: points }) => points.length > 0) },
				x: logarithmic(), y: plain({ name: "% of callbacks" }), title: span,
			};
		},
	};

	if (data.search) {
		const { rate, p50, p99, service_p99: service, probes } = data.search;
		const at = (values) => values.map((y, index) => ({ x: rate[index], y }));
		const curve = (label, values, colour, more = {}) => ({ ...line(label, [], colour, more), data: at(values), pointRadius: 0 });
		const points = (label, held, colour, pointStyle) => ({
			label, data: probes.filter((probe) => probe.held === held).map((probe) => ({ x: probe.rate, y: probe.ms })), showLine: false,
			borderColor: colour, backgroundColor: colour, pointStyle, pointRadius: 5, pointBorderWidth: 2,
		});
		drawn.knee = () => ({
			type: "line",
			data: { datasets: [
				curve("response p50", p50, colours.p50),
				curve("response p99", p99, colours.p99, { borderWidth: 2.25 }),
				curve("service p99", service, colours.service, { borderDash: [6, 3] }),
				points("held", true, colours.good, "circle"),
				points("failed", false, colours.bad, "crossRot"),
			] },
			x: axis({ type: "linear", beginAtZero: true, name: "calls per second, planned" }), y: logarithmic(), shown: span,
			title: (value) => `${+value.toPrecision(3)}/s`, plugins: [knee],
		});
	}

	function draw(palette) {
		charts.forEach((chart) => chart.destroy());
		colours = palette;
		charts = [...document.querySelectorAll("canvas")].map((canvas) => {
			const { type, data: content, x, y, shown = (value) => String(+value.toFixed(2)), title = clock, plugins = [warmup] } = drawn[canvas.dataset.chart]();
			return new Chart(canvas, {
				type, data: content, plugins,
				options: {
					animation: false, responsive: true, maintainAspectRatio: false, normalized: true,
					interaction: { mode: "nearest", axis: "x", intersect: false }, scales: { x, y },
					plugins: {
						legend: { labels: { color: colours.text, usePointStyle: true, pointStyle: "line", pointStyleWidth: 26 } },
						tooltip: { callbacks: {
							title: ([item]) => title(item.parsed.x),
							label: ({ dataset, parsed }) => `${dataset.label}: ${shown(parsed.y)}`,
						} },
					},
				},
			});
		});
	}
	const asSeen = () => draw(inTheDark.matches ? palettes.dark : palettes.light);
	asSeen();
	inTheDark.addEventListener("change", asSeen);
	// Paper is white, and as wide as it is.
	addEventListener("beforeprint", () => {
		draw(palettes.light);
		charts.forEach((chart) => chart.resize());
	});
	addEventListener("afterprint", asSeen);
})();
