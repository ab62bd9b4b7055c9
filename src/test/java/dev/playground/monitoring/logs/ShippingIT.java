package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.testkit.FakeLoki;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.LogEntry;
import dev.playground.monitoring.testkit.ServiceProcess;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The packaged service, in a process of its own, and a Loki in each of its states. */
@Execution(ExecutionMode.CONCURRENT)
class ShippingIT {
    private static final String JAR = "target/backend-monitoring.jar";
    private static final int REQUESTS = 20;

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** What the service may take to stop by its settings: to drain, and to push. */
    private static final Duration BOUND = SECOND.plus(SECOND);

    /** SHUTDOWN_PUSH_MS, unless it is set. */
    private static final Duration DEFAULT_PUSH = Duration.ofSeconds(3);

    /** As BOUND, by default. */
    private static final Duration DEFAULT_BOUND = Duration.ofSeconds(5).plus(DEFAULT_PUSH);

    /** For an answer; less than the time after which the appender gives a request up. */
    private static final Duration SLOW = Duration.ofSeconds(4);

    /** What a busy machine adds: to answer, to close, to end the JVM. */
    private static final Duration MARGIN = Duration.ofSeconds(6);

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @ParameterizedTest
    @EnumSource(names = {"ABSENT", "BLACK_HOLE", "HANGING", "RESETTING", "UNAVAILABLE"})
    void sigtermEndsTheServiceInTimeDuringATroubleAndEveryLineIsOnStandardOutput(Trouble trouble)
            throws Exception {
        try (FakeLoki loki = new FakeLoki()) {
            trouble.befall(loki);
            try (ServiceProcess service = start(loki, SECOND)) {
                request(service);
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> count(service, "does not accept log lines") == 1);

                assertThat(stop(service)).isLessThan(BOUND.plus(MARGIN));

                assertThat(count(service, "Request received on / route")).isEqualTo(REQUESTS);
                assertThat(count(service, "\"line\":\"Stopped\"")).isEqualTo(1);
                assertThat(count(service, "does not accept log lines")).isEqualTo(1);
                assertThat(service.errors()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ABSENT", "BLACK_HOLE", "HANGING", "RESETTING", "UNAVAILABLE"})
    void sigtermEndsTheServiceInTimeDuringATroubleInTheMiddle(Trouble trouble) throws Exception {
        try (FakeLoki loki = new FakeLoki()) {
            loki.beWell();
            try (ServiceProcess service = start(loki, SECOND)) {
                request(service);
                await().atMost(Duration.ofSeconds(30)).until(() -> !loki.kept().isEmpty());
                trouble.befall(loki);
                request(service);
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> count(service, "does not accept log lines") == 1);

                assertThat(stop(service)).isLessThan(BOUND.plus(MARGIN));

                assertThat(count(service, "Request received on / route")).isEqualTo(2 * REQUESTS);
                assertThat(count(service, "\"line\":\"Stopped\"")).isEqualTo(1);
                assertThat(service.errors()).isEmpty();
            }
        }
    }

    @Test
    void sigtermEndsTheServiceInTimeThoughLokiIsTooSlowForWhatIsLeft() throws Exception {
        try (FakeLoki loki = new FakeLoki()) {
            loki.beSlow(SLOW);
            try (ServiceProcess service = start(loki, SECOND)) {
                // Batches for 16 s.
                for (int i = 1; i <= 4; i++) {
                    int made = i;
                    request(service);
                    await().atMost(Duration.ofSeconds(30)).until(() -> batches(service) >= made);
                }

                assertThat(stop(service)).isLessThan(BOUND.plus(MARGIN));

                assertThat(count(service, "\"line\":\"Stopped\"")).isEqualTo(1);
                assertThat(service.errors()).isEmpty();
            }
        }
    }

    @Test
    void sigtermEndsTheServiceInTimeThoughACallIsInFlightAndLokiNeverAnswers() throws Exception {
        try (FakeLoki loki = new FakeLoki()) {
            loki.beABlackHole();
            Map<String, String> environment =
                    Map.of(
                            "PORT",
                            "0",
                            "LOKI_HOST",
                            loki.url(),
                            "HEAVY_LATENCIES_MS",
                            "50000",
                            "HEAVY_ERROR_RATE",
                            "0");
            try (ServiceProcess service = new ServiceProcess(environment, "-jar", JAR)) {
                Http.getAsync(service.uri("/heavy-computation"));
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> count(service, "Request received on /heavy") == 1);

                assertThat(stop(service)).isLessThan(DEFAULT_BOUND.plus(MARGIN));

                assertThat(count(service, "Timeout hit in graceful shutdown")).isEqualTo(1);
                assertThat(count(service, "Stopped")).isEqualTo(1);
            }
        }
    }

    @Test
    void sigtermSendsWhatIsLeftToALokiThatIsWell() throws Exception {
        try (FakeLoki loki = new FakeLoki()) {
            loki.beWell();
            assertLokiHasAllOfStandardOutputAfterTheStop(loki);
        }
    }

    @Test
    void sigtermSendsWhatIsLeftToASlowLoki() throws Exception {
        try (FakeLoki loki = new FakeLoki()) {
            loki.beSlow(Duration.ofMillis(200));
            assertLokiHasAllOfStandardOutputAfterTheStop(loki);
        }
    }

    @Test
    void sigtermGrantsTheTimeThatIsSetToSendWhatIsLeft() throws Exception {
        try (FakeLoki loki = new FakeLoki()) {
            loki.beWell();
            try (ServiceProcess service = start(loki, Duration.ofSeconds(30))) {
                loki.beSlow(SLOW);
                int pushes = loki.pushes();
                // One request: loki4j makes a batch each 100 ms of what comes while one is in hand,
                // and each takes as long again.
                HTTP.send(
                        HttpRequest.newBuilder(service.uri("/")).build(), BodyHandlers.ofString());
                await().until(() -> loki.pushes() > pushes);

                assertThat(stop(service)).isGreaterThan(DEFAULT_PUSH);

                assertThat(loki.kept())
                        .containsExactlyInAnyOrderElementsOf(ContainerLog.docker(service.output()));
            }
        }
    }

    @Test
    void aLokiThatComesLateGetsEverythingAndIsReportedOnce() throws Exception {
        try (FakeLoki loki = new FakeLoki();
                ServiceProcess service = start(loki, SECOND)) {
            request(service);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> count(service, "does not accept log lines") == 1);

            loki.beWell();

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> count(service, "accepts log lines again") == 1);
            request(service);
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () ->
                                    assertThat(loki.kept())
                                            .containsExactlyInAnyOrderElementsOf(
                                                    ContainerLog.docker(service.output())));
            assertThat(count(service, "does not accept log lines")).isEqualTo(1);
            assertThat(count(service, "accepts log lines again")).isEqualTo(1);
        }
    }

    private static void assertLokiHasAllOfStandardOutputAfterTheStop(FakeLoki loki)
            throws Exception {
        // As long as it takes: the stop ends as soon as all is sent.
        try (ServiceProcess service = start(loki, Duration.ofSeconds(30))) {
            request(service);

            stop(service);

            assertThat(count(service, "Request received on / route")).isEqualTo(REQUESTS);
            assertThat(loki.kept())
                    .containsExactlyInAnyOrderElementsOf(ContainerLog.docker(service.output()));
            assertThat(service.errors()).isEmpty();
        }
    }

    /** Where it can write its file: else the JVM prints that too, as a container's without /tmp. */
    @Test
    void theReportOfACrashIsOneEntry(@TempDir Path folder) throws Exception {
        try (ServiceProcess service =
                new ServiceProcess(
                        Map.of("LOG_FORMAT", "json", "PORT", "0"),
                        "-XX:ErrorFile=" + folder.resolve("crash.log"),
                        "-XX:-CreateCoredumpOnCrash",
                        "-jar",
                        JAR)) {
            service.port();

            service.crash();
            service.exitCode();

            List<String> report =
                    service.output().stream()
                            .dropWhile(line -> !line.equals("#"))
                            .takeWhile(line -> line.startsWith("#"))
                            .toList();
            assertThat(report).hasSizeGreaterThan(10);
            assertThat(ContainerLog.docker(service.output()))
                    .extracting(LogEntry::line)
                    .filteredOn(line -> line.startsWith("#"))
                    .containsExactly(String.join("\n", report));
            assertThat(service.output()).hasSizeLessThan(40);
        }
    }

    private static ServiceProcess start(FakeLoki loki, Duration push) throws IOException {
        return new ServiceProcess(environment(loki.url(), push), "-jar", JAR);
    }

    private static Map<String, String> environment(String lokiHost, Duration push) {
        Map<String, String> environment = new HashMap<>();
        environment.put("LOKI_HOST", lokiHost);
        environment.put("LOG_FORMAT", "json");
        environment.put("PORT", "0");
        environment.put("POD_NAMESPACE", ServiceLogging.LABELS.get("namespace"));
        environment.put("POD_NAME", ServiceLogging.LABELS.get("instance"));
        environment.put("SHUTDOWN_DRAIN_MS", "1000");
        environment.put("SHUTDOWN_PUSH_MS", Long.toString(push.toMillis()));
        return environment;
    }

    private static void request(ServiceProcess service) throws Exception {
        for (int i = 0; i < REQUESTS; i++) {
            HTTP.send(HttpRequest.newBuilder(service.uri("/")).build(), BodyHandlers.ofString());
        }
    }

    /** Until its last line is out. */
    private static Duration stop(ServiceProcess service) throws InterruptedException {
        long started = System.nanoTime();
        service.terminate();
        assertThat(service.exitCode()).isEqualTo(143);
        return Duration.ofNanos(System.nanoTime() - started);
    }

    /** How many the appender has made, sent or not. */
    private static double batches(ServiceProcess service) throws Exception {
        String metrics =
                HTTP.send(
                                HttpRequest.newBuilder(service.uri("/metrics")).build(),
                                BodyHandlers.ofString())
                        .body();
        return metrics.lines()
                .filter(line -> line.startsWith("loki4j_encode_batches_total"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static long count(ServiceProcess service, String text) {
        return service.output().stream().filter(line -> line.contains(text)).count();
    }
}
