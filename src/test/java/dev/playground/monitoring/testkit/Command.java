package dev.playground.monitoring.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs. */
public final class Command {
    private Command() {}

    /** In the project's top folder, with this process' environment and no input. */
    public static Result run(String... command) {
        return run(Project.TOP, Map.of(), "", List.of(command));
    }

    /**
     * @param environment added to this process' own
     * @param input for its standard input
     */
    public static Result run(
            Path folder, Map<String, String> environment, String input, List<String> command) {
        try {
            ProcessBuilder builder = builder(command).directory(folder.toFile());
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

    /** Starts a program that runs until the caller stops it, and writes its output to a file. */
    public static Process start(Path log, List<String> command) throws IOException {
        return builder(command).redirectOutput(log.toFile()).start();
    }

    public static void stop(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ProcessBuilder builder(List<String> command) {
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    /**
     * @param exitCode -1 if the program could not be started
     * @param output standard output and standard error, interleaved
     */
    public record Result(int exitCode, String output) {
        public boolean isSuccess() {
            return exitCode == 0;
        }

        /**
         * The output of a program that succeeded.
         *
         * @throws AssertionError with the output if it failed
         */
        public String expectSuccess() {
            assertThat(exitCode).as(output).isZero();
            return output;
        }
    }
}
