package dev.playground.monitoring.tour;

import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.testkit.AlertmanagerServer;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.PrometheusApi;
import dev.playground.monitoring.testkit.PrometheusProgram;
import dev.playground.monitoring.testkit.PrometheusServer;
import dev.playground.monitoring.testkit.ServiceProcess;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The exercises of docs/tour.md that need no Loki, each with its own service, Prometheus and
 * Alertmanager, under the traffic of compose.
 */
@Execution(ExecutionMode.CONCURRENT)
class TourIT {
    @TempDir Path folder;

    @AutoClose("shutdownNow")
    private final ScheduledExecutorService traffic = Executors.newScheduledThreadPool(1);

    static Stream<Exercise> exercises() {
        return Exercise.all().stream().filter(exercise -> !exercise.needsLoki());
    }

    @ParameterizedTest
    @MethodSource("exercises")
    void checksFailBeforeTheirStepAndPassAfterIt(Exercise exercise) throws Exception {
        PrometheusProgram.prometheus();
        String promtool = PrometheusProgram.promtool().path().toString();
        Map<String, String> settings =
                Map.of("PORT", "0", "FAULTS_ENABLED", "true", "HEAVY_SEED", "1");
        try (var service =
                        new ServiceProcess(
                                settings, "-Xmx128m", "-jar", "target/backend-monitoring.jar");
                var alertmanager =
                        AlertmanagerServer.start(
                                folder,
                                service.uri("/notifications").toString(),
                                AlertmanagerServer.GROUP_INTERVAL);
                var prometheus =
                        PrometheusServer.start(
                                folder,
                                Map.of(
                                        "backend:3000", service.uri("").getAuthority(),
                                        "alertmanager:9093", alertmanager.url().getAuthority()));
                var run =
                        new TourRun(
                                command ->
                                        command.replace(
                                                        "localhost:3000",
                                                        service.uri("").getAuthority())
                                                .replace(
                                                        "localhost:9090",
                                                        prometheus.api().url().substring(7))
                                                .replace(
                                                        "localhost:9093",
                                                        alertmanager.url().getAuthority())
                                                .replaceAll(
                                                        "docker compose run .* prom-server",
                                                        promtool))) {
            for (String route : new String[] {"/", "/heavy-computation"}) {
                traffic.scheduleAtFixedRate(
                        () -> Http.getAsync(service.uri(route)), 0, 400, TimeUnit.MILLISECONDS);
            }
            String calls =
                    "rate(req_response_time_histogram_count{route='/heavy-computation'}[1m])";
            await().atMost(PrometheusApi.LIMIT)
                    .ignoreExceptions()
                    .until(() -> !prometheus.api().query(calls).isEmpty());
            run.run(exercise);
        }
    }
}
