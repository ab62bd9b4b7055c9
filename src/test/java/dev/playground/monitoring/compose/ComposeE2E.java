package dev.playground.monitoring.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.Requirement;
import io.micronaut.json.tree.JsonNode;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service, Loki and Promtail as docker-compose.yml has them, under requests with numbers. Loki
 * is killed for 30 s in the middle, and the service meanwhile. Runs by {@code mvn -Pe2e verify}.
 *
 * <p>The number of a request is its trace id: 16 digits that stand for this run, and 16 that count.
 * So the metadata of each log line says which request it is of.
 */
class ComposeE2E {
    private static final String RUN = "%016x".formatted(ThreadLocalRandom.current().nextLong());
    private static final String PROJECT = "e2e-" + RUN;
    private static final Pattern IMAGE =
            Pattern.compile("^ARG \\w+_IMAGE=(\\S+)", Pattern.MULTILINE);

    /** How long Loki is away. */
    private static final Duration OUTAGE = Duration.ofSeconds(30);

    /** Only so that a stack that does not come up fails the test instead of hanging it. */
    private static final Duration LIMIT = Duration.ofMinutes(5);

    /** They send requests at the same time, each with this pause between two. */
    private static final int CLIENTS = 4;

    private static final Duration PAUSE = Duration.ofMillis(2);

    /**
     * More than Loki's stock chunk holds: each is some 80 bytes of line, metadata and trace id in
     * one stream, so the copies come apart where its settings let a chunk end early.
     */
    private static final int REQUESTS = 40_000;

    /** How many numbers one query is for: Loki returns at most 5,000 entries. */
    private static final int SLICE = 0x1000;

    @TempDir static Path folder;

    private static volatile URI backend;
    private static URI loki;
    private static URI promtail;

    private final AtomicInteger numbers = new AtomicInteger();
    private final Set<Integer> answered = new ConcurrentSkipListSet<>();
    private volatile boolean enough;

    /**
     * Looked for all along: once its chunk is on disk, a line that was counted twice is so no more.
     */
    private volatile int mostTwice;

    @BeforeAll
    static void start() throws Exception {
        ComposeStack.requireDocker();
        for (String image : images()) {
            if (!ComposeStack.hasImage(image)) {
                Requirement.E2E.isMissing("The image " + image + " is neither here nor to be had.");
            }
        }
        // Beside a stack that is up: an image of its own, and any free port of the host.
        Files.writeString(
                folder.resolve("beside.yml"),
                """
                services:
                  backend:
                    image: backend-monitoring:%s
                    ports: !override ["127.0.0.1::3000"]
                  loki:
                    ports: !override ["127.0.0.1::3100"]
                  promtail:
                    ports: ["127.0.0.1::9080"]
                """
                        .formatted(PROJECT));
        compose("up", "-d", "--build", "backend", "loki", "promtail");
        backend = address("backend", 3000);
        loki = address("loki", 3100);
        promtail = address("promtail", 9080);
        for (URI ready : List.of(backend.resolve("/health/readiness"), loki.resolve("/ready"))) {
            await().atMost(LIMIT)
                    .ignoreExceptions()
                    .until(() -> Http.get(ready).statusCode() == 200);
        }
    }

    @AfterAll
    static void stop() throws Exception {
        if (Files.exists(folder.resolve("beside.yml"))) {
            System.out.println(compose("logs", "--no-color", "--tail", "100", "loki", "promtail"));
            compose("down", "-v", "--rmi", "local");
        }
    }

    @Test
    void everyAnsweredRequestIsInLokiOnceThoughLokiAndTheServiceWereKilled() throws Exception {
        List<Thread> clients = Stream.generate(this::startClient).limit(CLIENTS).toList();
        awaitAnswers(1_000);

        long killed = System.nanoTime();
        compose("kill", "-s", "SIGKILL", "loki");
        awaitAnswers(500);
        compose("kill", "-s", "SIGKILL", "backend");
        compose("start", "backend");
        backend = address("backend", 3000);
        awaitAnswers(500);
        await().atMost(LIMIT).until(() -> System.nanoTime() - killed > OUTAGE.toNanos());
        compose("start", "loki");
        loki = address("loki", 3100);
        awaitAnswers(1_000);
        await().atMost(LIMIT)
                .ignoreExceptions()
                .until(
                        () -> {
                            found();
                            return answered.size() >= REQUESTS;
                        });
        enough = true;
        for (Thread client : clients) {
            client.join();
        }

        await().atMost(LIMIT)
                .pollInterval(Duration.ofSeconds(5))
                .ignoreExceptions()
                .until(() -> found().containsAll(answered));
        double pushes = metric(backend.resolve("/metrics"), "loki4j_send_batches_total");
        // The appender sends what it has; then only Promtail is left to send something late.
        compose("stop", "backend");
        double[] sent = {0};
        await().atMost(LIMIT)
                .pollInterval(Duration.ofSeconds(15))
                .until(
                        () -> {
                            found();
                            double before = sent[0];
                            sent[0] =
                                    metric(
                                            promtail.resolve("/metrics"),
                                            "promtail_sent_entries_total");
                            return sent[0] == before;
                        });

        Map<Integer, Integer> entries = entries();
        System.out.printf(
                "%,d requests, %,d answered, %,d in Loki; by Promtail %,.0f lines, by the service"
                        + " since its restart %,.0f batches; counted twice at most %,d%n",
                numbers.get(), answered.size(), entries.size(), sent[0], pushes, mostTwice);
        assertThat(entries.keySet()).containsAll(answered);
        assertThat(entries.values()).containsOnly(1);
        assertThat(counted()).isEqualTo(entries.size());
        assertThat(mostTwice).isZero();
        // Promtail sent each of them, and the service pushed, or the test would say little.
        assertThat(sent[0]).isGreaterThanOrEqualTo(entries.size());
        assertThat(pushes).isPositive();
    }

    /** Sends requests with the next numbers until it is enough. */
    private Thread startClient() {
        Thread client =
                new Thread(
                        () -> {
                            while (!enough) {
                                request(numbers.incrementAndGet());
                                LockSupport.parkNanos(PAUSE.toNanos());
                            }
                        });
        client.start();
        return client;
    }

    private void request(int number) {
        try {
            HttpResponse<String> response =
                    Http.get(
                            backend.resolve("/"),
                            "traceparent",
                            "00-%s%016x-0000000000000001-01".formatted(RUN, number));
            if (response.statusCode() == 200) {
                answered.add(number);
            }
        } catch (CompletionException e) {
            // The service is down: nobody promised a line for this number.
        }
    }

    private void awaitAnswers(int more) {
        int wanted = answered.size() + more;
        await().atMost(LIMIT).until(() -> answered.size() >= wanted);
    }

    /** How often Loki returns each number. */
    private Map<Integer, Integer> entries() {
        Map<Integer, Integer> entries = new HashMap<>();
        for (int slice = 0; slice <= numbers.get() / SLICE; slice++) {
            JsonNode result =
                    loki(
                            "query_range?since=1h&limit=5000&query=",
                            lines("%s%013x...".formatted(RUN, slice)));
            for (JsonNode stream : result.values()) {
                String traceId = Json.string(stream, "stream", "trace_id");
                int number = Integer.parseInt(traceId.substring(RUN.length()), 16);
                entries.merge(number, Json.list(stream, "values").size(), Integer::sum);
            }
        }
        return entries;
    }

    /** The numbers that Loki returns, after a look how many it counts more than once. */
    private Set<Integer> found() {
        int counted = counted();
        // In this order, since there are more and more of them.
        Set<Integer> found = entries().keySet();
        mostTwice = Math.max(mostTwice, counted - found.size());
        return found;
    }

    /** How many entries a metric query counts: more, when Loki holds copies apart. */
    private static int counted() {
        JsonNode result =
                loki("query?query=", "sum(count_over_time(%s [1h]))".formatted(lines(RUN + ".*")));
        return Integer.parseInt(result.get(0).get("value").get(1).getStringValue());
    }

    private static String lines(String traceIds) {
        return "{app=\"loki-backend-monitoring\"} | trace_id=~\"%s\"".formatted(traceIds);
    }

    private static JsonNode loki(String path, String query) {
        URI uri =
                loki.resolve(
                        "/loki/api/v1/" + path + URLEncoder.encode(query, StandardCharsets.UTF_8));
        HttpResponse<String> response = Http.get(uri);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return Json.at(Json.parse(response.body()), "data", "result");
    }

    /** Over all its labels. */
    private static double metric(URI exposition, String name) {
        return Http.get(exposition)
                .body()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    /** What compose needs for the three services: theirs, and those that ours is built from. */
    private static List<String> images() {
        List<String> images = new ArrayList<>();
        Map<String, Object> services = Project.map(Project.compose(), "services");
        for (String service : List.of("loki", "promtail")) {
            images.add((String) Project.map(services, service).get("image"));
        }
        IMAGE.matcher(Project.text(Path.of("src/main/docker/Dockerfile")))
                .results()
                .map(arg -> arg.group(1))
                .forEach(images::add);
        return images;
    }

    private static URI address(String service, int port) throws Exception {
        return URI.create(
                "http://" + compose("port", service, Integer.toString(port)).strip() + "/");
    }

    private static String compose(String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "docker",
                                "compose",
                                "--project-name",
                                PROJECT,
                                "--file",
                                "docker-compose.yml",
                                "--file",
                                folder.resolve("beside.yml").toString()));
        command.addAll(List.of(arguments));
        Path output = folder.resolve("output");
        Path errors = folder.resolve("errors");
        int exitCode =
                new ProcessBuilder(command)
                        .redirectOutput(output.toFile())
                        .redirectError(errors.toFile())
                        .start()
                        .waitFor();
        assertThat(exitCode).as("%s%n%s", command, Files.readString(errors)).isZero();
        return Files.readString(output);
    }
}
