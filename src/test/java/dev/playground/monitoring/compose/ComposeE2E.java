package dev.playground.monitoring.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.testkit.Exposition;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.PrometheusApi;
import io.micronaut.json.tree.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The service, Loki and Promtail as docker-compose.yml has them, under numbered requests. Loki is
 * killed for 30 s meanwhile, and the service too. Runs by {@code mvn -Pe2e verify}.
 *
 * <p>The number of a request is its trace id: 16 digits that stand for this run, and 16 that count.
 * So the metadata of each log line names its request.
 */
class ComposeE2E {
    private static final String RUN = "%016x".formatted(ThreadLocalRandom.current().nextLong());

    /** How long Loki is down. */
    private static final Duration OUTAGE = Duration.ofSeconds(30);

    /** Only so that a stack that does not come up fails the test instead of hanging it. */
    private static final Duration LIMIT = Duration.ofMinutes(5);

    /** They send requests concurrently, each with this pause between two. */
    private static final int CLIENTS = 4;

    private static final Duration PAUSE = Duration.ofMillis(2);

    /**
     * More than Loki's default chunk holds: each line has some 80 bytes with its metadata, in one
     * stream, so the copies would end up in different chunks where settings let a chunk end early.
     */
    private static final int REQUESTS = 40_000;

    /** How many numbers one query covers: Loki returns at most 5,000 entries. */
    private static final int SLICE = 0x1000;

    private static ComposeStack stack;
    private static volatile URI service;
    private static PrometheusApi loki;

    private final AtomicInteger numbers = new AtomicInteger();
    private final Set<Integer> answered = new ConcurrentSkipListSet<>();
    private volatile boolean enough;

    /** Observed throughout: once its chunk is on disk, a line that was counted twice is not. */
    private int mostTwice;

    @BeforeAll
    static void start() {
        List<String> services = List.of("backend", "loki", "promtail");
        stack = ComposeStack.start(services.toArray(String[]::new));
        services.forEach(stack::assume);
        findService();
        findLoki();
    }

    /** A container has another port after each start. */
    private static void findService() {
        service = URI.create(stack.url("backend", 3000));
    }

    private static void findLoki() {
        // Its API is like Prometheus'.
        loki = new PrometheusApi(stack.url("loki", 3100) + "/loki");
    }

    @AfterAll
    static void stop() {
        if (stack != null) {
            System.out.println(stack.compose("logs", "--no-color", "--tail", "100"));
            stack.close();
        }
    }

    @Test
    void everyAnsweredRequestIsInLokiOnceAfterKills() throws Exception {
        List<Thread> clients = Stream.generate(this::startClient).limit(CLIENTS).toList();
        awaitAnswers(1_000);

        long killed = System.nanoTime();
        stack.compose("kill", "-s", "SIGKILL", "loki");
        awaitAnswers(500);
        stack.compose("kill", "-s", "SIGKILL", "backend");
        stack.compose("start", "backend");
        findService();
        awaitAnswers(500);
        Duration rest = OUTAGE.minusNanos(System.nanoTime() - killed);
        await().atMost(LIMIT).pollDelay(rest.isNegative() ? Duration.ZERO : rest).until(() -> true);
        stack.compose("start", "loki");
        findLoki();
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
        double pushes = metric(service.toString(), "loki4j_send_batches_total");
        // The appender sends what it has; then only Promtail is left to send something late.
        stack.compose("stop", "backend");
        String promtail = stack.url("promtail", 9080);
        double[] sent = {0};
        await().atMost(LIMIT)
                .pollInterval(Duration.ofSeconds(15))
                .until(
                        () -> {
                            found();
                            double before = sent[0];
                            sent[0] = metric(promtail, "promtail_sent_entries_total");
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
        // Promtail sent each of them, and the service pushed, otherwise the test proves nothing.
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
        String traceparent = "00-%s%016x-0000000000000001-01".formatted(RUN, number);
        try {
            if (Http.get(service.resolve("/"), "traceparent", traceparent).statusCode() == 200) {
                answered.add(number);
            }
        } catch (CompletionException e) {
            // The service is down: only answered requests must have a line.
        }
    }

    private void awaitAnswers(int more) {
        int wanted = answered.size() + more;
        await().atMost(LIMIT).until(() -> answered.size() >= wanted);
    }

    /** How many entries Loki returns for each number. */
    private Map<Integer, Integer> entries() {
        Map<Integer, Integer> entries = new HashMap<>();
        for (int slice = 0; slice <= numbers.get() / SLICE; slice++) {
            String lines = lines("%s%013x...".formatted(RUN, slice));
            String query = "query_range?since=1h&limit=5000&query=" + PrometheusApi.encode(lines);
            for (JsonNode stream : Json.list(loki.get(query), "result")) {
                String traceId = Json.string(stream, "stream", "trace_id");
                int number = Integer.parseInt(traceId.substring(RUN.length()), 16);
                entries.merge(number, Json.list(stream, "values").size(), Integer::sum);
            }
        }
        return entries;
    }

    /** The numbers that Loki returns, after counting duplicates. */
    private Set<Integer> found() {
        int counted = counted();
        // In this order, since their number grows.
        Set<Integer> found = entries().keySet();
        mostTwice = Math.max(mostTwice, counted - found.size());
        return found;
    }

    /** How many entries a metric query counts: more, where Loki stores copies separately. */
    private static int counted() {
        return (int) loki.scalar("sum(count_over_time(%s [1h]))".formatted(lines(RUN + ".*")));
    }

    private static String lines(String traceIds) {
        return "{app=\"loki-backend-monitoring\"} | trace_id=~\"%s\"".formatted(traceIds);
    }

    /** Over all its labels. */
    private static double metric(String url, String name) {
        return new Exposition(Http.get(URI.create(url + "/metrics")).body())
                .samples(name).stream().mapToDouble(Exposition.Sample::value).sum();
    }
}
