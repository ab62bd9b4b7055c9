package dev.playground.monitoring.charts;

import dev.playground.monitoring.testkit.Command;
import dev.playground.monitoring.testkit.Requirement;
import java.util.UUID;

/** A namespace on the cluster of the current kubectl context, deleted when it is closed. */
record TestNamespace(String name) implements AutoCloseable {
    /**
     * @param podSecurity the Pod Security Standard that the namespace enforces
     */
    static TestNamespace create(String podSecurity) {
        if (!run("helm version").isSuccess()) {
            Requirement.E2E.isMissing("There is no helm on PATH.");
        }
        if (!run("kubectl get --raw /readyz").isSuccess()) {
            Requirement.E2E.isMissing(
                    "There is no kubectl on PATH, or no cluster that it reaches.");
        }
        String name = "e2e-" + UUID.randomUUID().toString().substring(0, 8);
        TestNamespace namespace = new TestNamespace(name);
        succeed("kubectl create namespace " + name);
        namespace.kubectl(
                "label namespace " + name + " pod-security.kubernetes.io/enforce=" + podSecurity);
        return namespace;
    }

    /** Arguments for a cluster that has no storage class, or lacks an image. */
    String monitoringArguments() {
        String more = System.getProperty("e2e.helm.args", "");
        return kubectl("get storageclasses -o name").isEmpty()
                ? " -f helm/monitoring/ci/no-volumes-values.yaml " + more
                : " " + more;
    }

    String helm(String arguments) {
        return succeed("helm -n " + name + " " + arguments);
    }

    String kubectl(String arguments) {
        return succeed("kubectl -n " + name + " " + arguments).strip();
    }

    private static String succeed(String command) {
        return run(command).expectSuccess();
    }

    private static Command.Result run(String command) {
        return Command.run(command.split(" +"));
    }

    @Override
    public void close() {
        succeed("kubectl delete namespace --timeout=3m " + name);
    }
}
