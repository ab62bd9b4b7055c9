package dev.playground.monitoring.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Runs a program to its end. */
public final class Command {
    private Command() {}

    /**
     * @param environment what it gets besides this process' own
     * @param input for its standard input
     */
    public static Result run(
            Path folder, Map<String, String> environment, String input, List<String> command) {
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectErrorStream(true);
            builder.environment().putAll(environment);
            Process process = builder.start();
            try (var in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(process.waitFor(), output);
        } catch (IOException e) {
            return new Result(-1, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /**
     * @param exitCode 0: all is well; -1: it could not be started
     * @param output standard output and standard error, as they came
     */
    public record Result(int exitCode, String output) {
        public boolean isSuccess() {
            return exitCode == 0;
        }
    }
}
