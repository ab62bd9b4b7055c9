package dev.playground.monitoring.heavy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.playground.monitoring.Setting;
import dev.playground.monitoring.heavy.HeavySettings.Outcome;
import dev.playground.monitoring.heavy.HeavySettings.Outcome.Failure;
import dev.playground.monitoring.heavy.HeavySettings.Outcome.Success;
import io.micronaut.context.annotation.Property;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@MicronautTest(startApplication = false)
class HeavySettingsTest {
    private static final Map<String, String> GOOD =
            Map.of(
                    "HEAVY_LATENCIES_MS", "100, 200,300",
                    "HEAVY_ERROR_RATE", "0.125",
                    "HEAVY_ERROR_CAUSES", "Disk full, Bad luck",
                    "HEAVY_MAX_IN_FLIGHT", "10",
                    "HEAVY_SEED", "42");

    @Test
    void theDefaultsAreThoseOfTheContract(
            HeavySettings defaults, @Property(name = "heavy.error-rate") double errorRate) {
        Set<Outcome> outcomes = outcomes(defaults);

        assertThat(outcomes)
                .containsExactlyInAnyOrder(
                        new Success(100),
                        new Success(150),
                        new Success(200),
                        new Success(300),
                        new Success(500),
                        new Success(600),
                        new Success(1000),
                        new Success(1400),
                        new Success(2500),
                        new Failure("DB Payment Failure"),
                        new Failure("DB Server is Down"),
                        new Failure("Access Denied"),
                        new Failure("Not Found Error"));
        assertThat(errorRate).isEqualTo(0.125);
        assertThat(defaults.maxInFlight()).isEqualTo(10_000);
        assertThat(defaults.seed()).isEmpty();
    }

    @Test
    void blanksAroundTheItemsOfAListDoNotCount() {
        assertThat(outcomes(settings(GOOD)))
                .containsExactlyInAnyOrder(
                        new Success(100),
                        new Success(200),
                        new Success(300),
                        new Failure("Disk full"),
                        new Failure("Bad luck"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HEAVY_LATENCIES_MS  | 0",
                "HEAVY_LATENCIES_MS  | 50000",
                "HEAVY_ERROR_RATE    | 0",
                "HEAVY_ERROR_RATE    | 1",
                "HEAVY_ERROR_RATE    | 1e-3",
                "HEAVY_ERROR_CAUSES  | one",
                "HEAVY_MAX_IN_FLIGHT | 1",
                "HEAVY_MAX_IN_FLIGHT | 1000000",
                "HEAVY_SEED          | ''",
                "HEAVY_SEED          | -9223372036854775808"
            })
    void theBoundsAreTaken(String variable, String value) {
        assertThatCode(() -> settingsWith(variable, value)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HEAVY_LATENCIES_MS  | ''",
                "HEAVY_LATENCIES_MS  | fast",
                "HEAVY_LATENCIES_MS  | 100,slow",
                "HEAVY_LATENCIES_MS  | -1",
                "HEAVY_LATENCIES_MS  | 50001",
                "HEAVY_LATENCIES_MS  | 1.5",
                "HEAVY_LATENCIES_MS  | '100,'",
                "HEAVY_LATENCIES_MS  | ',100'",
                "HEAVY_LATENCIES_MS  | '100,,200'",
                "HEAVY_LATENCIES_MS  | 100;200",
                "HEAVY_LATENCIES_MS  | 99999999999",
                "HEAVY_ERROR_RATE    | ''",
                "HEAVY_ERROR_RATE    | often",
                "HEAVY_ERROR_RATE    | -0.1",
                "HEAVY_ERROR_RATE    | 1.5",
                "HEAVY_ERROR_RATE    | NaN",
                "HEAVY_ERROR_RATE    | Infinity",
                "HEAVY_ERROR_RATE    | '0,5'",
                "HEAVY_ERROR_RATE    | 50%",
                "HEAVY_ERROR_CAUSES  | ''",
                "HEAVY_ERROR_CAUSES  | ' '",
                "HEAVY_ERROR_CAUSES  | 'one,'",
                "HEAVY_ERROR_CAUSES  | 'one, ,two'",
                "HEAVY_MAX_IN_FLIGHT | ''",
                "HEAVY_MAX_IN_FLIGHT | many",
                "HEAVY_MAX_IN_FLIGHT | 0",
                "HEAVY_MAX_IN_FLIGHT | -1",
                "HEAVY_MAX_IN_FLIGHT | 1.5",
                "HEAVY_MAX_IN_FLIGHT | 1000001",
                "HEAVY_MAX_IN_FLIGHT | 9999999999",
                "HEAVY_SEED          | seed",
                "HEAVY_SEED          | 1.5",
                "HEAVY_SEED          | 9223372036854775808"
            })
    void aBadValueIsRefusedWithASentenceThatNamesIt(String variable, String value) {
        Map<String, String> accepts =
                Map.of(
                        "HEAVY_LATENCIES_MS",
                        "whole numbers of milliseconds from 0 to 50000, separated by commas",
                        "HEAVY_ERROR_RATE",
                        "a number from 0 to 1",
                        "HEAVY_ERROR_CAUSES",
                        "one or more causes, separated by commas",
                        "HEAVY_MAX_IN_FLIGHT",
                        "a whole number from 1 to 1000000",
                        "HEAVY_SEED",
                        "a whole number, or nothing for another sequence at each start");

        assertThatThrownBy(() -> settingsWith(variable, value))
                .isInstanceOf(Setting.InvalidException.class)
                .hasMessage(
                        "%s is \"%s\", but takes %s."
                                .formatted(variable, value, accepts.get(variable)));
    }

    @Test
    void aSeedGivesTheSameSequenceOnEveryMachine() {
        Random seeded = new Random(42);
        HeavySettings settings = settings(GOOD);

        // Written down once: java.util.Random is specified down to its arithmetic.
        assertThat(Stream.generate(() -> settings.draw(seeded)).limit(8))
                .containsExactly(
                        new Success(100),
                        new Failure("Bad luck"),
                        new Success(200),
                        new Failure("Disk full"),
                        new Success(300),
                        new Success(100),
                        new Success(300),
                        new Success(100));
    }

    private static Set<Outcome> outcomes(HeavySettings settings) {
        Random seeded = new Random(1);
        Set<Outcome> outcomes = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            outcomes.add(settings.draw(seeded));
        }
        return outcomes;
    }

    private static HeavySettings settingsWith(String variable, String value) {
        Map<String, String> variables = new HashMap<>(GOOD);
        variables.put(variable, value);
        return settings(variables);
    }

    private static HeavySettings settings(Map<String, String> variables) {
        return new HeavySettings(
                variables.get("HEAVY_LATENCIES_MS"),
                variables.get("HEAVY_ERROR_RATE"),
                variables.get("HEAVY_ERROR_CAUSES"),
                variables.get("HEAVY_MAX_IN_FLIGHT"),
                variables.get("HEAVY_SEED"));
    }
}
