//! The Node.js clients, unmodified and pinned, and the table of what they can do.
#![allow(missing_docs)]

use fw_tests::{ClientProject, ClientTable};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unmodified_node_clients_work() {
    let Some(project) = ClientProject::node() else {
        return;
    };
    let mut table = ClientTable::default();
    table.add(&project.run().await);
    table.check("Node.js");
}
