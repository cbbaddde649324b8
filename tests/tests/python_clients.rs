//! The Python clients, unmodified and pinned, and the table of what they can do.
#![allow(missing_docs)]

use fw_tests::{ClientProject, ClientTable, PythonClients};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unmodified_python_clients_work() {
    let projects = [PythonClients::Current, PythonClients::OpenAi2].map(|clients| {
        tokio::spawn(async move {
            let set_up = tokio::task::spawn_blocking(move || ClientProject::python(clients));
            match set_up.await.unwrap() {
                Some(project) => Some(project.run().await),
                None => None,
            }
        })
    });
    let mut table = ClientTable::default();
    for project in projects {
        let Some(report) = project.await.unwrap() else {
            return;
        };
        table.add(&report);
    }
    table.check("Python");
}
