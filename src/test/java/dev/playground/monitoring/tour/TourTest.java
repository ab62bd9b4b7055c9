package dev.playground.monitoring.tour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.playground.monitoring.dashboards.Dashboard;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/** The text of docs/tour.md. {@link TourIT} and {@link TourE2E} run its commands. */
class TourTest {
    private static final List<Exercise> EXERCISES = Exercise.all();
    private static final Pattern ITALIC = Pattern.compile("(?<!\\*)\\*(\\w[^*`]+)\\*(?!\\*)");

    @Test
    void hasEightExercises() {
        assertThat(EXERCISES)
                .extracting(exercise -> exercise.title().substring(0, 1))
                .containsExactly("1", "2", "3", "4", "5", "6", "7", "8");
    }

    @ParameterizedTest
    @FieldSource("EXERCISES")
    void eachStepChangesSomethingAndChecksIt(Exercise exercise) {
        assertThat(exercise.steps())
                .hasSizeGreaterThan(1)
                .allSatisfy(step -> assertThat(step.changes()).isNotEmpty())
                .allSatisfy(step -> assertThat(step.checks()).isNotEmpty());
        assertThat(exercise.steps().stream().mapToInt(step -> step.checks().size()).sum())
                .isEqualTo(count(exercise, "See:"));
        assertThat(count(exercise, "\\?</summary>")).isGreaterThan(1);
        assertThat(count(exercise, "<details>")).isEqualTo(count(exercise, "</details>"));
    }

    @Test
    void namesDashboardsAndPanelsThatExist() {
        List<String> titles =
                Stream.concat(
                                Dashboard.all().stream().map(Dashboard::title),
                                Dashboard.allPanels().map(Dashboard.Panel::title))
                        .toList();

        assertThat(EXERCISES)
                .flatMap(exercise -> ITALIC.matcher(exercise.text()).results().toList())
                .hasSizeGreaterThan(5)
                .extracting(name -> name.group(1).replace('\n', ' '))
                .isSubsetOf(titles);
    }

    private static int count(Exercise exercise, String pattern) {
        return exercise.text().split(pattern, -1).length - 1;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "`firing` within 75 seconds. | {\"state\":\"firing\"} | true",
                "`firing` and `/`.           | firing               | false",
                "`firing` and `/`.           | / firing             | true",
                "the number 2000.            | {} 2000              | true",
                "the number 0.               | 2000                 | false",
                "a number above 0.4 within 9 seconds. | {a=\"b\"} 0.5 | true",
                "a number above 0.4.         | {} 0.4               | true",
                "a number above 0.4.         | {} 0.39              | false",
                "a number below 2.           | {} 1.5e-1            | true",
                "a number below 2.           | {} 2.1               | false",
                "a number from 90 to 120.    | {} 120               | true",
                "a number from 90 to 120.    | {} 121               | false",
                "a number above 1.           | {} NaN               | false",
                "a number above 1.           | ''                   | false",
                "no output within 9 seconds. | ''                   | true",
                "no output.                  | {} 1                 | false",
            })
    void expectationIsMet(String see, String output, boolean met) {
        assertThat(Expectation.of(see).isMet(output)).isEqualTo(met);
    }

    @Test
    void expectationHasOneValueAndItsTime() {
        Expectation expectation = Expectation.of("a number above 1 within 75\nseconds.");

        assertThat(expectation.isMet("{} 2\n{} 3")).isFalse();
        assertThat(expectation.limit()).isEqualTo(Duration.ofSeconds(75));
        assertThatThrownBy(() -> Expectation.of("something"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
