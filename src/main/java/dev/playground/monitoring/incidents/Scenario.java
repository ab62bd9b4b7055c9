package dev.playground.monitoring.incidents;

import dev.playground.monitoring.faults.Fault;
import dev.playground.monitoring.faults.FaultDocument;
import dev.playground.monitoring.faults.FaultReader;
import dev.playground.monitoring.faults.JsonBody;
import dev.playground.monitoring.heavy.Behaviour;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.json.tree.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * What happens in an incident: the same for the same level, seed and settings.
 *
 * @param delay until the faults start
 * @param json the body of {@code PUT /faults} that has the same effect
 * @param document of {@code json}
 * @param redHerring null without one
 */
record Scenario(
        Duration delay, JsonNode json, FaultDocument document, @Nullable RedHerring redHerring) {
    /** From its creation to its end. Does not depend on the delay, which it would give away. */
    static final Duration LASTS = Duration.ofMinutes(12);

    static final int LEVELS = 3;

    /** Enough calls before the faults to know what is normal. */
    private static final int MIN_DELAY_SECONDS = 10;

    private static final int MAX_DELAY_SECONDS = 120;

    /** Those of a document with {@code unready} cannot last longer. */
    private static final int UNREADY_SECONDS = 120;

    static final List<String> CAUSES =
            List.of(
                    "Certificate Expired",
                    "Connection Pool Exhausted",
                    "Disk Quota Exceeded",
                    "Schema Version Mismatch");

    /** A share of the calls write a warning, which has no effect and points at another fault. */
    record RedHerring(String warning, Duration delay) {
        static final double SHARE = 0.3;

        /** By the fault that each one points at. */
        static final Map<Fault, String> WARNINGS =
                new EnumMap<>(
                        Map.of(
                                Fault.CAUSES,
                                "Connection pool of the primary is 95 % full",
                                Fault.LATENCY,
                                "Payment provider exceeds its deadline, using the cached answer",
                                Fault.MEMORY,
                                "Price list takes more memory than expected, removing old items"));

        private static RedHerring of(Set<Fault> causes, Random random) {
            Map<Fault, String> others = new EnumMap<>(WARNINGS);
            others.keySet().removeAll(causes);
            return new RedHerring(
                    pick(List.copyOf(others.values()), random), Scenario.delay(random));
        }
    }

    static Scenario of(int level, long seed, Behaviour normal) {
        // Random has related first values for related seeds; this multiplier spreads them.
        Random random = new Random((seed * 31 + level) * 0x9E3779B97F4A7C15L);
        Duration delay = delay(random);
        boolean both = random.nextBoolean();
        List<Fault> faults = new ArrayList<>(List.of(Fault.values()));
        if (normal.errorRate() == 0 || newCauses(normal).isEmpty()) {
            faults.remove(Fault.CAUSES); // no call would have a new one
        }
        if (level > 1) {
            faults.remove(Fault.UNREADY); // nothing about it is quiet
        }
        Collections.shuffle(faults, random);
        boolean quiet = level == 3 || level == 2 && !both;

        Map<String, JsonNode> json = new LinkedHashMap<>();
        for (Fault fault : faults.subList(0, level > 1 && both ? 2 : 1)) {
            add(json, fault, quiet, normal, random);
        }
        long seconds =
                json.containsKey("unready") ? UNREADY_SECONDS : LASTS.minus(delay).toSeconds();
        json.put("for", JsonNode.from(seconds + "s"));
        json.put("ramp", JsonNode.from(quiet ? 20 * (level - 1) + "s" : "0s"));
        json.put("seed", JsonNode.from(seed));
        JsonNode object = JsonNode.createObjectNode(json);
        byte[] body = JsonBody.text(object).getBytes(StandardCharsets.UTF_8);
        FaultDocument document = FaultReader.read(body);
        RedHerring redHerring =
                level == 3 && !both ? RedHerring.of(document.faults(), random) : null;
        return new Scenario(delay, object, document, redHerring);
    }

    Set<Fault> causes() {
        return document.faults();
    }

    private static void add(
            Map<String, JsonNode> json,
            Fault fault,
            boolean quiet,
            Behaviour normal,
            Random random) {
        double size = random.nextInt(100) / 100.0;
        switch (fault) {
            case ERROR_RATE -> json.put("errorRate", number(quiet ? 0.3 : 0.6, 0.2, size));
            case LATENCY -> json.put("latency", quiet ? longTail(size) : uniform(size));
            case CAUSES -> json.put("causes", causes(quiet, normal, random));
            case CPU -> json.put("cpu", number(quiet ? 0.4 : 0.8, 0.2, size));
            case MEMORY -> {
                int megabytes = FaultReader.MAX_MB * (quiet ? 6 : 10) / 10;
                json.put("memory", JsonNode.from(Math.max(1, megabytes)));
            }
            case UNREADY -> json.put("unready", JsonNode.from(true));
        }
    }

    /** Slower than any call with the default settings. */
    private static JsonNode uniform(double size) {
        int from = 4_000 + (int) (size * 2_000);
        return JsonNode.createObjectNode(
                Map.of(
                        "uniform",
                        JsonNode.createArrayNode(List.of(millis(from), millis(from + 3_000)))));
    }

    /**
     * With the default settings, the median stays, and about every sixth call is slower than any.
     */
    private static JsonNode longTail(double size) {
        Map<String, JsonNode> range = new LinkedHashMap<>();
        range.put("median", millis(600 + (int) (size * 200)));
        range.put("p99", millis(15_000));
        return JsonNode.createObjectNode(Map.of("longTail", JsonNode.createObjectNode(range)));
    }

    /** A cause that is new: the only one, or of half the failures, so that it shows at once. */
    private static JsonNode causes(boolean quiet, Behaviour normal, Random random) {
        String cause = pick(newCauses(normal), random);
        List<String> usual =
                normal.causes().stream()
                        .filter(one -> one.length() <= FaultReader.MAX_TEXT)
                        .limit(quiet ? 4 : 0)
                        .toList();
        List<String> causes = new ArrayList<>(usual);
        causes.addAll(Collections.nCopies(Math.max(1, usual.size()), cause));
        return JsonNode.from(causes);
    }

    private static List<String> newCauses(Behaviour normal) {
        return CAUSES.stream().filter(cause -> !normal.causes().contains(cause)).toList();
    }

    private static JsonNode number(double from, double width, double size) {
        return JsonNode.from(Math.round((from + width * size) * 1000) / 1000.0);
    }

    private static JsonNode millis(int millis) {
        return JsonNode.from(millis + "ms");
    }

    private static Duration delay(Random random) {
        int range = MAX_DELAY_SECONDS - MIN_DELAY_SECONDS;
        return Duration.ofSeconds(MIN_DELAY_SECONDS + random.nextInt(range + 1));
    }

    private static <T> T pick(List<T> items, Random random) {
        return items.get(random.nextInt(items.size()));
    }
}
