package dev.playground.monitoring.tour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.tour.Exercise.Block;
import dev.playground.monitoring.tour.Exercise.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.awaitility.core.ConditionTimeoutException;

/** Runs an exercise in a terminal, and writes what it sees to target/tour-log. */
final class TourRun implements AutoCloseable {
    private static final Duration POLL = Duration.ofSeconds(1);

    private final Terminal terminal = new Terminal();
    private final UnaryOperator<String> here;
    private final StringBuilder log = new StringBuilder();

    /**
     * @param here replaces the addresses of the page by those of the test, each time
     */
    TourRun(UnaryOperator<String> here) throws IOException {
        this.here = here;
    }

    void run(Exercise exercise) throws Exception {
        try {
            for (Block block : Exercise.start()) {
                print(block);
            }
            for (Step step : exercise.steps()) {
                run(step);
            }
        } finally {
            Path folder = Files.createDirectories(Path.of("target/tour-log"));
            Files.writeString(folder.resolve(exercise.title().charAt(0) + ".txt"), log);
        }
    }

    private void run(Step step) throws Exception {
        for (Block check : step.checks()) {
            String before = print(check);
            assertThat(check.see().isMet(before)).as("before the step, %s", check).isFalse();
        }
        for (Block change : step.changes()) {
            print(change);
        }
        long changed = System.nanoTime();
        for (Block check : step.checks()) {
            awaitExpectation(check, changed);
        }
    }

    private void awaitExpectation(Block check, long changed) {
        Duration left = check.see().limit().minusNanos(System.nanoTime() - changed);
        String[] last = {""};
        try {
            await().atMost(left.compareTo(POLL) < 0 ? POLL : left)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(POLL)
                    .until(
                            () -> {
                                last[0] = terminal.run(here.apply(check.command()));
                                return check.see().isMet(last[0]);
                            });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("Not seen: %s, but: %s".formatted(check, last[0]), e);
        }
        log.append("$ %s%s%n".formatted(check.command(), last[0]))
                .append("See: %s%n".formatted(check.see().text()))
                .append(
                        "Seen after %d s.%n%n"
                                .formatted((System.nanoTime() - changed) / 1_000_000_000));
    }

    private String print(Block block) throws Exception {
        String output = terminal.run(here.apply(block.command()));
        log.append("$ %s%s%n%n".formatted(block.command(), output));
        return output;
    }

    @Override
    public void close() {
        terminal.close();
    }
}
