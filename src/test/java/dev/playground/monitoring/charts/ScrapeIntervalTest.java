package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.TemplateCommand;
import dev.playground.monitoring.dashboards.Dashboard;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.PrometheusProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A range vector needs two samples; with four scrapes, one may fail and one may be late. */
class ScrapeIntervalTest {
    private static final int SCRAPES = 4;

    /** The longest interval that servicemonitor.yaml accepts. */
    private static final Duration LONGEST = Duration.ofSeconds(15);

    private static final Pattern WINDOW = Pattern.compile("\\[(\\d+)([smh])[\\]:]");

    @ParameterizedTest
    @ValueSource(strings = {"1s", "5s", "15s", "15000ms", "500ms"})
    void acceptsFourScrapesAWindow(String interval) {
        assertThat(template(interval).call()).contains("interval: " + interval + "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"16s", "20s", "60s", "1m", "1h", "15001ms", "0s", "0ms"})
    void rejectsFewerScrapesAWindow(String interval) {
        assertThatThrownBy(template(interval)::call)
                .hasMessageContaining(
                        "serviceMonitor.interval: invalid value \"%s\": expected at most 15s"
                                .formatted(interval));
    }

    private static TemplateCommand template(String interval) {
        return Charts.template("backend")
                .set("serviceMonitor.enabled", "true")
                .set("serviceMonitor.interval", interval);
    }

    @Test
    void rulesOfServiceFitLongestInterval() {
        assertThat(shortestWindow(Path.of("prometheus/rules/service.yml")))
                .isEqualTo(LONGEST.multipliedBy(SCRAPES));
    }

    @Test
    void allRulesFitTheIntervalOfOurPrometheus() throws IOException {
        String global = Project.text(Project.FILES.resolve("prometheus/prometheus.yml"));
        List<Duration> intervals =
                Pattern.compile("(?:scrape|evaluation)_interval: (\\d+)s")
                        .matcher(global)
                        .results()
                        .map(found -> Duration.ofSeconds(Long.parseLong(found.group(1))))
                        .toList();

        assertThat(intervals).hasSize(2);
        for (Path rules : Project.files("prometheus/rules")) {
            assertThat(intervals)
                    .allMatch(
                            interval ->
                                    interval.multipliedBy(SCRAPES).compareTo(shortestWindow(rules))
                                            <= 0);
        }
    }

    // playground:start
    /** Grafana draws a point each 10 s. The fault is active in the scrapes at 45 s and 60 s. */
    @Test
    void faultBandHasNoGapAtLongestInterval(@TempDir Path folder) throws IOException {
        String band = Json.string(Dashboard.annotation("Faults"), "expr");
        Path test = folder.resolve("test.yml");
        Files.writeString(
                test,
                """
                evaluation_interval: 10s
                tests:
                  - interval: %ds
                    input_series:
                      - {series: 'fault_active{job="backend-monitoring"}', values: 0x2 1 1 0x3}
                    promql_expr_test:
                      - expr: min_over_time(timestamp(%s)[100s:10s])
                        eval_time: 100s
                        exp_samples: [{labels: '{job="backend-monitoring"}', value: 40}]
                      - expr: count_over_time((%<s)[100s:10s])
                        eval_time: 100s
                        exp_samples: [{labels: '{job="backend-monitoring"}', value: 3}]
                """
                        .formatted(LONGEST.toSeconds(), band.replace("$__interval", "10s")));

        PrometheusProgram.promtool().expectSuccess("test", "rules", test.toString());
    }

    // playground:end

    private static Duration shortestWindow(Path rules) {
        return WINDOW.matcher(Project.text(Project.FILES.resolve(rules)))
                .results()
                .map(window -> Duration.parse("PT" + window.group(1) + window.group(2)))
                .min(Duration::compareTo)
                .orElseThrow();
    }
}
