// The same work as bench_rt, on Tokio; see ../../bench.h for the output.
//
// SPDX-License-Identifier: Apache-2.0
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, Mutex, Notify};

const BENCH_MS: u64 = 300;

fn print(measure: &str, number: f64) {
    println!("{} {:.6}", measure, number);
}

fn ns(start: Instant, count: usize) -> f64 {
    start.elapsed().as_nanos() as f64 / count as f64
}

fn runtime(workers: usize) -> Runtime {
    if workers == 1 {
        Builder::new_current_thread().enable_all().build().unwrap()
    } else {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(workers).enable_all().build().unwrap()
    }
}

fn run<F>(workers: usize, future: F) -> f64
where
    F: std::future::Future<Output = f64> + Send + 'static,
{
    let runtime = runtime(workers);
    let handle = runtime.spawn(future);
    runtime.block_on(handle).unwrap()
}

async fn mutex_alone() -> f64 {
    const ROUNDS: usize = 5_000_000;
    let mutex = Mutex::new(());
    let start = Instant::now();
    for _ in 0..ROUNDS {
        drop(black_box(mutex.lock().await));
    }
    ns(start, ROUNDS)
}

fn mutex_contended(tasks: usize, workers: usize) {
    let runtime = runtime(workers);
    let (value, shares) = runtime.block_on(async move {
        let mutex = Arc::new(Mutex::new((0u64, Instant::now())));
        let begun = Arc::new(AtomicU64::new(0));
        let mut gate = mutex.clone().lock_owned().await;
        let mut handles = Vec::new();
        for _ in 0..tasks {
            let mutex = mutex.clone();
            let begun = begun.clone();
            handles.push(tokio::spawn(async move {
                begun.fetch_add(1, Ordering::SeqCst);
                let end = mutex.lock().await.1;
                let mut rounds = 0u64;
                while Instant::now() < end {
                    for _ in 0..32 {
                        mutex.lock().await.0 += 1;
                    }
                    rounds += 32;
                }
                rounds
            }));
        }
        while begun.load(Ordering::SeqCst) < tasks as u64 {
            tokio::task::yield_now().await;
        }
        gate.1 = Instant::now() + Duration::from_millis(BENCH_MS);
        drop(gate);
        let mut shares = Vec::new();
        for handle in handles {
            shares.push(handle.await.unwrap());
        }
        let value = mutex.lock().await.0;
        (value, shares)
    });
    let least = *shares.iter().min().unwrap() as f64;
    let most = *shares.iter().max().unwrap() as f64;
    let name = format!("{}_tasks_{}_workers", tasks, workers);
    print(&format!("mutex_{}", name), BENCH_MS as f64 * 1e6 / value as f64);
    print(&format!("share_{}", name), least / most);
}

async fn switch() -> f64 {
    const SWITCHES: usize = 2_000_000;
    let yields = || async {
        for _ in 0..SWITCHES / 2 {
            tokio::task::yield_now().await;
        }
    };
    let start = Instant::now();
    let first = tokio::spawn(yields());
    let second = tokio::spawn(yields());
    first.await.unwrap();
    second.await.unwrap();
    ns(start, SWITCHES)
}

async fn channel() -> f64 {
    const ROUND_TRIPS: usize = 1_000_000;
    let (there, mut there_rx) = mpsc::channel::<i32>(1);
    let (back, mut back_rx) = mpsc::channel::<i32>(1);
    let other = tokio::spawn(async move {
        while let Some(value) = there_rx.recv().await {
            back.send(value).await.unwrap();
        }
    });
    let start = Instant::now();
    for _ in 0..ROUND_TRIPS {
        there.send(0).await.unwrap();
        back_rx.recv().await.unwrap();
    }
    let result = ns(start, ROUND_TRIPS);
    drop(there);
    other.await.unwrap();
    result
}

async fn spawn_join() -> f64 {
    const SPAWNS: usize = 1_000_000;
    const BATCH: usize = 1000;
    let start = Instant::now();
    for _ in 0..SPAWNS / BATCH {
        let handles: Vec<_> = (0..BATCH).map(|_| tokio::spawn(async {})).collect();
        for handle in handles {
            handle.await.unwrap();
        }
    }
    ns(start, SPAWNS)
}

fn resident() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<f64>().unwrap() * 4096.0
}

async fn parked() -> f64 {
    const PARKED: usize = 100_000;
    let gate = Arc::new(Notify::new());
    let before = resident();
    let mut handles = Vec::with_capacity(PARKED);
    for _ in 0..PARKED {
        let gate = gate.clone();
        handles.push(tokio::spawn(async move { gate.notified().await }));
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let result = (resident() - before) / PARKED as f64;
    gate.notify_waiters();
    for handle in handles {
        handle.await.unwrap();
    }
    result
}

async fn pool() -> f64 {
    const ROUNDS: usize = 20_000;
    let start = Instant::now();
    for _ in 0..ROUNDS {
        tokio::task::spawn_blocking(|| ()).await.unwrap();
    }
    ns(start, ROUNDS)
}

fn blocking_alone() -> f64 {
    const ROUNDS: usize = 10_000_000;
    let mutex = parking_lot::Mutex::new(());
    let start = Instant::now();
    for _ in 0..ROUNDS {
        drop(black_box(mutex.lock()));
    }
    ns(start, ROUNDS)
}

fn blocking_contended() -> f64 {
    const ROUNDS: usize = 2_000_000;
    let shared = Arc::new((parking_lot::Mutex::new(0u64), Barrier::new(3)));
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let shared = shared.clone();
            std::thread::spawn(move || {
                shared.1.wait();
                for _ in 0..ROUNDS {
                    *shared.0.lock() += 1;
                }
            })
        })
        .collect();
    let start = Instant::now();
    shared.1.wait();
    for thread in threads {
        thread.join().unwrap();
    }
    ns(start, 2 * ROUNDS)
}

fn blocking_share() -> f64 {
    let mutex = Arc::new(parking_lot::Mutex::new(0u64));
    let end = Instant::now() + Duration::from_millis(BENCH_MS);
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let mutex = mutex.clone();
            std::thread::spawn(move || {
                let mut looks = 0u64;
                while Instant::now() < end {
                    for _ in 0..32 {
                        *mutex.lock() += 1;
                    }
                    looks += 1;
                }
                looks
            })
        })
        .collect();
    let looks: Vec<_> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    *looks.iter().min().unwrap() as f64 / *looks.iter().max().unwrap() as f64
}

fn echo(workers: usize) -> f64 {
    const ECHO_MS: u64 = 1000;
    let requests = Arc::new(AtomicU64::new(0));
    let counted = requests.clone();
    runtime(workers).block_on(async move {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let end = Instant::now() + Duration::from_millis(ECHO_MS);
        tokio::spawn(async move {
            for _ in 0..100 {
                let (mut stream, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    let mut bytes = [0u8; 64];
                    while let Ok(count) = stream.read(&mut bytes).await {
                        if count == 0 || stream.write_all(&bytes[..count]).await.is_err() {
                            break;
                        }
                    }
                });
            }
        });
        let mut handles = Vec::new();
        for _ in 0..100 {
            let counted = counted.clone();
            handles.push(tokio::spawn(async move {
                let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
                let mut bytes = [0u8; 64];
                let mut count = 0;
                while Instant::now() < end {
                    stream.write_all(&bytes).await.unwrap();
                    stream.read_exact(&mut bytes).await.unwrap();
                    count += 1;
                }
                counted.fetch_add(count, Ordering::Relaxed);
            }));
        }
        for handle in handles {
            handle.await.unwrap();
        }
    });
    ECHO_MS as f64 * 1e6 / requests.load(Ordering::Relaxed) as f64
}

fn main() {
    print("mutex_alone_1_worker", run(1, mutex_alone()));
    print("mutex_alone_2_workers", run(2, mutex_alone()));
    for workers in [1, 2] {
        for tasks in [2, 100, 10_000] {
            mutex_contended(tasks, workers);
        }
    }
    print("switch_1_worker", run(1, switch()));
    print("channel_1_worker", run(1, channel()));
    print("channel_2_workers", run(2, channel()));
    print("spawn_join_1_worker", run(1, spawn_join()));
    print("spawn_join_2_workers", run(2, spawn_join()));
    print("parking_lot:blocking_alone", blocking_alone());
    print("parking_lot:blocking_contended", blocking_contended());
    print("parking_lot:share_blocking", blocking_share());
    print("spawn_blocking", run(2, pool()));
    print("echo_1_workers", echo(1));
    print("echo_2_workers", echo(2));
    print("parked_bytes", run(1, parked()));
}
