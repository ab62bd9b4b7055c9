package dev.playground.monitoring.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class PromQlTest {
    @Test
    void findsSelectorsAndTheirLabels() {
        PromQl expr =
                PromQl.of(
                        "sum by (job, route) (rate(a:b_total{code=~\"5..{}\", job!=\"x\"}[5m] offset"
                                + " 1m)) / on (job) group_left (team) max(up) > 2.5 * 0.2 unless c");

        assertThat(expr.selectors())
                .extracting(PromQl.Selector::metric)
                .containsExactly("a:b_total", "up", "c");
        assertThat(expr.selectors().get(0).text())
                .isEqualTo("a:b_total{code=~\"5..{}\", job!=\"x\"}");
        assertThat(expr.selectors().get(0).labels()).isEqualTo(Set.of("code", "job"));
        assertThat(expr.groupingLabels()).isEqualTo(Set.of("job", "route", "team"));
    }

    @Test
    void takesNoFunctionForAMetric() {
        assertThat(PromQl.of("absent(up) or vector(1) + time()").selectors())
                .extracting(PromQl.Selector::metric)
                .containsExactly("up");
    }
}
