package dev.playground.monitoring.tour;

import dev.playground.monitoring.compose.ComposeStack;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The exercises of docs/tour.md that need Loki. Runs by {@code mvn -Pe2e verify}. */
class TourE2E {
    private static final String COMPOSE = String.join(" ", ComposeStack.COMPOSE);

    @AutoClose private static ComposeStack stack;

    @BeforeAll
    static void start() {
        List<String> services = List.of("backend", "traffic", "prom-server", "loki", "promtail");
        stack = ComposeStack.start(services.toArray(String[]::new));
        services.forEach(stack::assume);
    }

    static Stream<Exercise> exercises() {
        return Exercise.all().stream().filter(Exercise::needsLoki);
    }

    @ParameterizedTest
    @MethodSource("exercises")
    void checksFailBeforeTheirStepAndPassAfterIt(Exercise exercise) throws Exception {
        try (var run = new TourRun(TourE2E::onStack)) {
            run.run(exercise);
        }
    }

    private static String onStack(String command) {
        String loki = address("loki", 3100);
        return command.replace("docker compose", COMPOSE)
                .replace("localhost:3000", address("backend", 3000))
                .replace("localhost:9090", address("prom-server", 9090))
                .replace("localhost:3100", loki)
                .replace("src/ledger/count", "LOKI_URL=http://" + loki + " src/ledger/count");
    }

    /** The shell asks each time: a port changes with each start of its container. */
    private static String address(String service, int port) {
        return "$(%s port %s %d 2>/dev/null || echo localhost:1)".formatted(COMPOSE, service, port);
    }
}
